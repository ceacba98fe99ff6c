using System.Text;
using Pipeline.Core.Files;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Disk.Cpio;

public sealed class CpioArchiveTests : IDisposable
{
    private readonly TempDir _dir = new();

    private string Archive => _dir["a"];

    [Fact]
    public void Every_kind_of_file_comes_back() => Hold(Ext4Trees.Torture());

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Random_trees_come_back(int seed) => Hold(Ext4Trees.Random(seed));

    [Fact]
    public void An_empty_tree_is_a_root_and_an_end()
    {
        Hold(new FileTree());
        new FileInfo(Archive).Length.ShouldBe(512);
    }

    [Fact]
    public void The_bytes_are_those_of_the_format()
    {
        var tree = new FileTree();
        tree.Root.Mtime = new(0x10);
        tree.Set("/a", new RegularFile { Permissions = 0x1A4, Uid = 1, Gid = 2, Mtime = new(0x20), Content = FileContent.Of("hello"u8.ToArray()) });
        CpioJudge.Write(Archive, tree);
        var text = Encoding.ASCII.GetString(File.ReadAllBytes(Archive)).TrimEnd('\0');
        Numbers(text[..110]).ShouldBe("1 41ED 0 0 2 10 0 0 0 0 0 2 0");
        text[110..114].ShouldBe(".\u0000" + "07");
        Numbers(text[112..222]).ShouldBe("2 81A4 1 2 1 20 5 0 0 0 0 2 0");
        text[222..232].ShouldBe("a\0hello\0\0\0");
        text[232..].ShouldEndWith("TRAILER!!!");
    }

    [Fact]
    public void One_file_has_one_inode_and_its_last_name_the_bytes()
    {
        var tree = new FileTree();
        var shared = Ext4Trees.File(Ext4Trees.Bytes(10_000, 1));
        tree.Set("/x/1", shared);
        tree.Set("/y/2", shared);
        tree.Set("/z/3", shared);
        Hold(tree);
        new FileInfo(Archive).Length.ShouldBeLessThan(12_000);
    }

    [Fact]
    public void A_flipped_byte_is_seen()
    {
        var tree = Ext4Trees.Torture();
        CpioJudge.Write(Archive, tree);
        Damage.FlipBit(Archive, new FileInfo(Archive).Length / 2);
        Should.Throw<ShouldAssertException>(() => CpioJudge.ShouldHold(Archive, tree));
    }

    [Fact]
    public void A_tree_whose_order_of_making_differs_gives_the_same_bytes()
    {
        var (one, two) = (new FileTree(), new FileTree());
        foreach (var i in Enumerable.Range(0, 100))
            one.Set($"/d{i % 7}/{i}", Ext4Trees.File([(byte)i]));
        foreach (var i in Enumerable.Range(0, 100).Reverse())
            two.Set($"/d{i % 7}/{i}", Ext4Trees.File([(byte)i]));
        CpioJudge.Write(Archive, one);
        CpioJudge.Write(_dir["b"], two);
        foreach (var directory in two.Root.Children)
            directory.Value.Mtime.ShouldBe(new UnixTime(1_600_000_000, 123_456_789));
        File.ReadAllBytes(_dir["b"]).ShouldBe(File.ReadAllBytes(Archive));
    }

    [Fact]
    public void A_deep_tree_needs_no_stack()
    {
        var tree = new FileTree();
        tree.Set(string.Concat(Enumerable.Repeat("/d", 2047)), Ext4Trees.File([1]));
        CpioJudge.Write(Archive, tree);
        Tool.Require("cpio", "-it", "--quiet", "-F", Archive).Split('\n').Length.ShouldBe(2049);
    }

    public static TheoryData<string, Action<FileTree>, string> Refused => new()
    {
        { "longer than 4 GiB", t => t.Set("/big", Ext4Trees.SparseFile(1L << 32, [])), "PL4573" },
        { "a path that Linux passes over", t => t.Set(string.Concat(Enumerable.Repeat("/dd", 1366)), Ext4Trees.File([])), "PL4572" },
        { "a name with a slash", t => t.Root.Set(FileName.Of("a/b"), Ext4Trees.File([])), "PL4571" },
        { "a name that is a directory's", t => t.Root.Set(FileName.Of(".."), Ext4Trees.File([])), "PL4571" },
        { "the name of the end", t => t.Set("/TRAILER!!!", Ext4Trees.File([])), "PL4571" },
        { "a link to nothing", t => t.Set("/l", Ext4Trees.Link("")), "PL4574" },
        { "a link too long", t => t.Set("/l", Ext4Trees.Link(new string('x', 4096))), "PL4574" },
        { "a device beyond 20 bits", t => t.Set("/d", Ext4Trees.Special(SpecialKind.BlockDevice, 1, 1 << 20)), "PL4575" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_an_initramfs_cannot_hold_is_refused(string what, Action<FileTree> make, string code)
    {
        var tree = new FileTree();
        make(tree);
        CpioArchive.Place(tree, null).Diagnostics.Select(d => d.Rule.Code).ShouldBe([code], what);
    }

    [Fact]
    public void The_name_of_the_end_is_a_name_elsewhere()
    {
        var tree = new FileTree();
        tree.Set("/d/TRAILER!!!", Ext4Trees.File([1]));
        Hold(tree);
    }

    [Fact]
    public void Attributes_are_left_out_with_one_warning()
    {
        var tree = new FileTree();
        tree.Set("/a", new RegularFile { Xattrs = [new("security.capability", [1])] });
        tree.Set("/b", new RegularFile { Xattrs = [new("user.x", [1])] });
        var placed = CpioArchive.Place(tree, null);
        placed.IsOk.ShouldBeTrue();
        placed.Diagnostics.Select(d => d.Message).ShouldHaveSingleItem().ShouldContain("of 2 files are left out, such as 'security.capability' of '/a'");
    }

    private void Hold(FileTree tree)
    {
        CpioJudge.Write(Archive, tree);
        CpioJudge.ShouldHold(Archive, tree);
    }

    private static string Numbers(string header)
    {
        header[..6].ShouldBe("070701");
        return string.Join(' ', Enumerable.Range(0, 13).Select(i => Convert.ToUInt32(header.Substring(6 + 8 * i, 8), 16).ToString("X")));
    }

    public void Dispose() => _dir.Dispose();
}
