using System.Text;
using Pipeline.Core.Diagnostics;
using Shouldly;
using Xunit;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Pipeline.Engine.Inventories.Rpm;

public sealed class RpmHeaderTests
{
    [Fact]
    public void Texts_and_numbers_of_every_type_are_read_and_the_first_of_a_tag_counts()
    {
        var blob = Header([(1000, 6, 0, 1), (1004, 9, 4, 2), (1003, 4, 12, 1), (5009, 5, 16, 1), (1000, 6, 4, 1), (1028, 3, 24, 1)], "abc\0", "one\0two\0", new byte[] { 0, 0, 0, 7 }, new byte[] { 0, 0, 0, 1, 0, 0, 0, 0 }, new byte[] { 0xff, 0xff });
        var header = new RpmHeader(blob);
        header.Text(1000).ShouldBe("abc");
        header.Text(1004).ShouldBe("one");
        header.Number(1003).ShouldBe(7);
        header.Number(5009).ShouldBe(1L << 32);
        header.Number(1028).ShouldBe(65535);
        header.Text(1003).ShouldBe("", "a number is no text");
        header.Number(1000).ShouldBeNull("a text is no number");
        header.Text(1).ShouldBe("");
        header.Number(1).ShouldBeNull();
    }

    [Theory]
    [InlineData("an offset behind the data", 6, 5)]
    [InlineData("a negative offset", 6, -1)]
    [InlineData("a text without an end", 6, 2)]
    [InlineData("a number over the end", 4, 2)]
    public void What_lies_outside_is_refused(string what, int type, int offset)
    {
        var blob = Header([(1000, type, offset, 1)], "a\0bc");
        Should.Throw<InvalidDataException>(() => type == 6 ? new RpmHeader(blob).Text(1000) : $"{new RpmHeader(blob).Number(1000)}", what);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0x10000, 0)]
    [InlineData(1, 0x10000000)]
    [InlineData(1, 3)]
    [InlineData(2, 4)]
    public void Lengths_that_do_not_fit_are_refused(int entries, int data)
    {
        var blob = Header([(1000, 6, 0, 1)], "abc\0");
        WriteInt32BigEndian(blob, entries);
        WriteInt32BigEndian(blob.AsSpan(4), data);
        Should.Throw<InvalidDataException>(() => new RpmHeader(blob).Text(1000));
    }

    [Theory]
    [InlineData("mesa-24.1-3.fc40.src.rpm", "mesa")]
    [InlineData("a-b-c-1.0-1.nosrc.rpm", "a-b-c")]
    [InlineData("", "")]
    [InlineData("x", "")]
    [InlineData("-1-1", "")]
    public void The_source_is_the_name_in_front_of_version_and_release(string file, string name) => RpmPackage.SourceName(file).ShouldBe(name);

    [Fact]
    public void Names_that_would_break_a_table_are_left_out_and_told()
    {
        var list = new PackageList("db");
        RpmPackage.AddTo(list, Header([(1000, 6, 0, 1), (1001, 6, 4, 1), (1002, 6, 4, 1)], "a b\0", "1\0"));
        RpmPackage.AddTo(list, Header([(1000, 6, 0, 1), (1001, 6, 2, 1), (1002, 6, 2, 1)], "a\0", "1\0"));
        list.Packages.ShouldHaveSingleItem().Name.ShouldBe("a");
        var bag = new DiagnosticBag();
        list.Report(bag);
        bag.ToImmutable().ShouldHaveSingleItem().Message.ShouldContain("'a b'");
    }

    private static byte[] Header((int Tag, int Type, int Offset, int Count)[] entries, params object[] data)
    {
        byte[] bytes = [.. data.SelectMany(d => d as byte[] ?? Encoding.UTF8.GetBytes((string)d))];
        var blob = new byte[8 + entries.Length * 16 + bytes.Length];
        WriteInt32BigEndian(blob, entries.Length);
        WriteInt32BigEndian(blob.AsSpan(4), bytes.Length);
        foreach (var (i, (tag, type, offset, count)) in entries.Index())
        {
            WriteInt32BigEndian(blob.AsSpan(8 + i * 16), tag);
            WriteInt32BigEndian(blob.AsSpan(12 + i * 16), type);
            WriteInt32BigEndian(blob.AsSpan(16 + i * 16), offset);
            WriteInt32BigEndian(blob.AsSpan(20 + i * 16), count);
        }
        bytes.CopyTo(blob, blob.Length - bytes.Length);
        return blob;
    }
}
