using System.IO.Compression;
using System.Text;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Disk.Cpio;

public sealed class CpioListingTests
{
    [Fact]
    public void Archives_of_cpio_behind_each_other_are_one_list()
    {
        var two = Initrds.Cpio("kernel/x86/microcode").Concat(new byte[1000]).Concat(Initrds.Cpio("init", "usr/bin/a")).ToArray();

        List(two, out var end).ShouldBe(["kernel", "kernel/x86", "kernel/x86/microcode", "init", "usr", "usr/bin", "usr/bin/a"]);
        end.ShouldBeNull();
    }

    [Fact]
    public void The_first_byte_of_something_else_is_told()
    {
        var archive = Initrds.Cpio("init");

        List([.. archive, .. new byte[64], 0x1F, 0x8B, 8, 0, 0, 0, 0], out var end).ShouldBe(["init"]);

        end.ShouldBe(archive.Length + 64);
    }

    [Theory]
    [InlineData(94, "0000FFFF", "a name has 65535 bytes")]
    [InlineData(94, "00000000", "a name has 0 bytes")]
    [InlineData(94, "0000000z", "a number was expected")]
    [InlineData(54, "7FFFFFFF", "breaks off")]
    public void A_damaged_header_is_refused(int offset, string digits, string complaint)
    {
        var archive = Initrds.Cpio("init");
        Encoding.ASCII.GetBytes(digits).CopyTo(archive, offset);

        Should.Throw<InvalidDataException>(() => List(archive, out _)).Message.ShouldContain(complaint);
    }

    /// <summary>Packed, they are nothing; one read each, they are minutes.</summary>
    [Fact]
    public void Zeros_without_end_are_refused()
    {
        using var zeros = new GZipStream(new MemoryStream(Packed(CpioListing.MaxPaddingBytes + (1 << 20))), CompressionMode.Decompress);

        Should.Throw<InvalidDataException>(() => CpioListing.Read(zeros, _ => { })).Message.ShouldBe("more than 67108864 zeros lie in a row");
    }

    private static byte[] Packed(int zeroes)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            gzip.Write(new byte[zeroes]);
        return packed.ToArray();
    }

    [Fact]
    public void An_archive_that_breaks_off_anywhere_is_refused_or_ends_between_entries()
    {
        var archive = Initrds.Cpio("init", "usr/bin/a");
        for (var length = 0; length < archive.Length; length += 3)
        {
            var cut = archive[..length];
            try
            {
                List(cut, out _).Count.ShouldBeLessThanOrEqualTo(4);
            }
            catch (InvalidDataException e)
            {
                e.Message.ShouldContain("breaks off");
            }
        }
    }

    private static List<string> List(byte[] bytes, out long? end)
    {
        var names = new List<string>();
        end = CpioListing.Read(new MemoryStream(bytes), names.Add);
        return [.. names.Select(n => n.StartsWith("./", StringComparison.Ordinal) ? n[2..] : n)];
    }
}
