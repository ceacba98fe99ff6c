using Pipeline.Core.Files;
using Shouldly;
using Xunit;

namespace Pipeline.Kit;

/// <summary>The judges of ext4 must be able to say no.</summary>
public sealed class E2fsTests
{
    [Theory]
    [InlineData("superblock", 1024 + 0x68)]
    [InlineData("group descriptor", 4096 + 0xC)]
    [InlineData("superblock checksum", 1024 + 0x3FC)]
    public void E2fsck_sees_a_flipped_bit_at(string place, long offset)
    {
        using var dir = new TempDir();
        E2fs.Write(dir["i"], Ext4Trees.Torture());
        Damage.FlipBit(dir["i"], offset);
        E2fs.Complaints(dir["i"]).ShouldNotBe("", place);
    }

    [Theory]
    [InlineData("bitmaps", 5)]
    [InlineData("inode tables", 300)]
    [InlineData("directories", 9)]
    [InlineData("extended attributes", 4000)]
    public void E2fsck_sees_a_flipped_bit_in(string part, long offset)
    {
        using var dir = new TempDir();
        var layout = E2fs.Write(dir["i"], Ext4Trees.Torture());
        Damage.FlipBit(dir["i"], layout.Regions().First(r => r.Name.StartsWith(part, StringComparison.Ordinal)).OffsetBytes + offset);
        E2fs.Complaints(dir["i"]).ShouldNotBe("", part);
    }

    [Fact]
    public void The_comparison_sees_a_flipped_bit_of_a_file()
    {
        using var dir = new TempDir();
        var tree = Ext4Trees.Torture();
        var layout = E2fs.Write(dir["i"], tree);
        Damage.FlipBit(dir["i"], layout.Regions().Last(r => r.Name == "contents").OffsetBytes);
        E2fs.ShouldBeClean(dir["i"]);
        Should.Throw<ShouldAssertException>(() => E2fsTree.ShouldHold(dir["i"], tree));
    }

    [Fact]
    public void The_comparison_sees_another_tree()
    {
        using var dir = new TempDir();
        var tree = Ext4Trees.Torture();
        E2fs.Write(dir["i"], tree);
        foreach (var change in new Action<FileNode>[] { n => n.Uid++, n => n.Permissions ^= 1, n => n.Mtime = new(1, 1), n => n.Xattrs = [new("user.x", [1])] })
        {
            var other = tree.Clone();
            change(other.Find("/a/link1")!);
            Should.Throw<ShouldAssertException>(() => E2fsTree.ShouldHold(dir["i"], other));
        }
    }
}
