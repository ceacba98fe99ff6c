using Pipeline.Core.Files;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Disk.Ext4;

public sealed class Ext4WriterTests
{
    [Fact]
    public void An_empty_tree_is_clean()
    {
        using var dir = new TempDir();
        E2fs.Write(dir["i"], new FileTree());
        E2fs.ShouldBeClean(dir["i"]);
    }

    [Fact]
    public void One_file_comes_back()
    {
        using var dir = new TempDir();
        var tree = new FileTree();
        tree.Set("/etc/motd", new RegularFile { Permissions = 0x1A4, Content = FileContent.Of("hello\n"u8.ToArray()) });
        E2fs.Write(dir["i"], tree);
        E2fs.ShouldBeClean(dir["i"]);
        E2fs.Debugfs(dir["i"], "cat /etc/motd").ShouldBe("hello\n");
    }

    [Theory]
    [InlineData(3, 5)]
    [InlineData(200, 200)]
    [InlineData(1000, 255)]
    [InlineData(100_000, 20)]
    [InlineData(300_000, 16)]
    public void Directories_of_many_entries_are_indexed(int count, int nameBytes)
    {
        using var dir = new TempDir();
        var tree = new FileTree();
        var folder = tree.EnsureDirectory("/d", default);
        for (var i = 0; i < count; i++)
            folder.Set(FileName.Of($"{i}".PadRight(nameBytes, "xyz"[i % 3])), new RegularFile());
        E2fs.Write(dir["i"], tree);
        E2fs.ShouldBeClean(dir["i"]);
    }

    [Fact]
    public void Every_kind_of_file_comes_back()
    {
        using var dir = new TempDir();
        var tree = Ext4Trees.Torture();
        E2fs.Write(dir["i"], tree);
        E2fs.ShouldBeClean(dir["i"]);
        E2fsTree.ShouldHold(dir["i"], tree);
        KernelMount.ShouldHold(dir["i"], tree);
    }

    /// <summary>Six seeds, or as many as <c>PIPELINE_PROPERTY_RUNS</c> says.</summary>
    public static TheoryData<int> Seeds =>
        [.. Enumerable.Range(1, int.Parse(Environment.GetEnvironmentVariable("PIPELINE_PROPERTY_RUNS") ?? "6"))];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Random_trees_come_back(int seed)
    {
        using var dir = new TempDir();
        var tree = Ext4Trees.Random(seed);
        // Every second tree lies in a length of its own, to the block.
        var length = seed % 2 == 0 ? (long?)null : (60L << 20) + new Random(seed).Next(100_000) * 4096L;
        E2fs.Write(dir["i"], tree, E2fs.Options with { LengthBytes = length });
        E2fs.ShouldBeClean(dir["i"]);
        E2fsTree.ShouldHold(dir["i"], tree);
        KernelMount.ShouldHold(dir["i"], tree);
    }

    [Fact]
    public void A_sparse_file_of_more_than_4_GiB_has_data_at_both_ends()
    {
        using var dir = new TempDir();
        var tree = new FileTree();
        tree.Set("/x", Ext4Trees.SparseFile((4L << 30) + 1, [(0, 5000), (4L << 30, 1)]));
        E2fs.Write(dir["i"], tree).LengthBytes.ShouldBeLessThan(20 << 20);
        E2fs.ShouldBeClean(dir["i"]);
        KernelMount.ShouldHold(dir["i"], tree);
        E2fs.Debugfs(dir["i"], "ex /x").ShouldContain("1048576 - 1048576");
    }

    [Fact]
    public void A_file_of_nothing_but_hole_can_be_almost_16_TiB()
    {
        using var dir = new TempDir();
        var tree = new FileTree();
        tree.Set("/x", Ext4Trees.SparseFile(Ext4Format.MaxFileBytes, [(Ext4Format.MaxFileBytes - 1, 1)]));
        E2fs.Write(dir["i"], tree);
        E2fs.ShouldBeClean(dir["i"]);
        KernelMount.ShouldHold(dir["i"], tree);
    }

    /// <summary>Four extents lie in the inode, 340 in a block; 1361 need two levels of blocks.</summary>
    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(340)]
    [InlineData(1360)]
    [InlineData(1361)]
    [InlineData(5000)]
    public void Extent_trees_of_any_depth_come_back(int runs)
    {
        using var dir = new TempDir();
        var tree = new FileTree();
        tree.Set("/x", Ext4Trees.SparseFile(runs * 8192L + 100, [.. Enumerable.Range(0, runs).Select(i => (i * 8192L + 4090, 4))]));
        tree.Set("/y", Ext4Trees.File([1]));
        E2fs.Write(dir["i"], tree);
        E2fs.ShouldBeClean(dir["i"]);
        KernelMount.ShouldHold(dir["i"], tree);
        E2fsTree.ShouldHold(dir["i"], tree);
    }

    [Fact]
    public void A_file_that_lies_over_several_groups_comes_back()
    {
        using var dir = new TempDir();
        var tree = new FileTree();
        var bytes = new byte[140 << 20];
        for (var i = 0; i < bytes.Length; i += 60_000)
            bytes[i] = (byte)(i / 60_000);
        tree.Set("/x", Ext4Trees.File(bytes));
        tree.Set("/y", Ext4Trees.File(bytes[..(10 << 20)]));
        E2fs.Write(dir["i"], tree);
        E2fs.ShouldBeClean(dir["i"]);
        KernelMount.ShouldHold(dir["i"], tree);
    }

    [Fact]
    public void Names_are_raw_bytes()
    {
        using var dir = new TempDir();
        var tree = new FileTree();
        var folder = tree.EnsureDirectory("/d", default);
        for (var i = 0; i < 400; i++)
        {
            var name = Enumerable.Range(0, i % 255 + 1).Select(j => (byte)(i + j * 7)).Select(b => b is 0 or (byte)'/' or (byte)'.' ? (byte)0xFF : b).ToArray();
            folder.Set(FileName.Of(name), new RegularFile());
        }
        E2fs.Write(dir["i"], tree);
        E2fs.ShouldBeClean(dir["i"]);
        KernelMount.ShouldHold(dir["i"], tree);
    }

    [Theory]
    [InlineData(64_997, 65_000)]
    [InlineData(64_998, 1)]
    public void A_directory_may_have_more_directories_than_links_can_count(int count, int links)
    {
        using var dir = new TempDir();
        var tree = new FileTree();
        for (var i = 0; i < count; i++)
            tree.Root.Set(FileName.Of($"{i}"), new DirectoryNode());
        E2fs.Write(dir["i"], tree);
        E2fs.Debugfs(dir["i"], "stat /").ShouldContain($"Links: {links} ");
        E2fs.ShouldBeClean(dir["i"]);
    }

    [Fact]
    public void A_file_may_have_65000_links()
    {
        using var dir = new TempDir();
        var tree = new FileTree();
        var file = new RegularFile();
        for (var i = 0; i < 65_000; i++)
            tree.Root.Set(FileName.Of($"{i}"), file);
        E2fs.Write(dir["i"], tree);
        E2fs.ShouldBeClean(dir["i"]);
    }

    [Fact]
    public void A_tree_may_bring_its_own_lost_and_found()
    {
        using var dir = new TempDir();
        var tree = new FileTree();
        tree.Set("/lost+found/x", Ext4Trees.File([1]));
        E2fs.Write(dir["i"], tree);
        E2fs.ShouldBeClean(dir["i"]);
        E2fsTree.ShouldHold(dir["i"], tree);
    }

    [Fact]
    public void Equal_attributes_share_blocks_of_at_most_1024_files()
    {
        using var dir = new TempDir();
        var tree = new FileTree();
        for (var i = 0; i < 2100; i++)
            tree.Set($"/d/{i}", new RegularFile { Xattrs = [new("user.x", Ext4Trees.Bytes(300, 1)), new("user.é漢", [1])] });
        var layout = E2fs.Write(dir["i"], tree);
        layout.Regions().Where(r => r.Name == "extended attributes").Sum(r => r.LengthBytes).ShouldBe(3 * 4096);
        E2fs.ShouldBeClean(dir["i"]);
        KernelMount.ShouldHold(dir["i"], tree);
    }
}
