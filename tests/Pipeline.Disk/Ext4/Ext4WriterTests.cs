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
}
