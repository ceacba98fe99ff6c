using System.Security.Cryptography;
using Pipeline.Core.Blocks;
using Pipeline.Core.Files;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Disk.Ext4;

/// <summary>The bytes as a whole: the same for the same tree, grown by others, and what the superblock says.</summary>
public sealed class Ext4FormatTests
{
    [Fact]
    public void The_bytes_of_the_torture_tree()
    {
        using var dir = new TempDir();
        E2fs.Write(dir["i"], Ext4Trees.Torture());
        Golden.Match("torture.sha256", Digest(dir["i"]) + "\n");
    }

    [Fact]
    public void Order_of_insertion_and_number_of_threads_do_not_matter()
    {
        using var dir = new TempDir();
        var tree = Ext4Trees.Random(11);
        E2fs.Write(dir["a"], tree, parallelism: 1);
        E2fs.Write(dir["b"], Reversed(tree), parallelism: 4);
        Digest(dir["b"]).ShouldBe(Digest(dir["a"]));
    }

    [Fact]
    public void A_sink_in_memory_gets_the_same_bytes()
    {
        using var dir = new TempDir();
        var tree = Ext4Trees.Random(12);
        var layout = E2fs.Write(dir["a"], tree);
        var sink = new MemorySink(layout.LengthBytes);
        var writer = new Ext4Writer(layout);
        writer.Pour(sink, 3, CancellationToken.None);
        writer.Seal(sink, CancellationToken.None);
        Convert.ToHexString(SHA256.HashData(sink.Bytes.Span)).ShouldBe(Digest(dir["a"]));
    }

    [Fact]
    public void Contents_come_from_files_too()
    {
        using var dir = new TempDir();
        var bytes = Ext4Trees.Bytes(20 << 20, 3);
        File.WriteAllBytes(dir["source"], bytes);
        using var source = FileSource.Open(dir["source"]);
        var tree = new FileTree();
        tree.Set("/large", new RegularFile { Content = FileContent.Of(source, 4096, 18 << 20) });
        for (var i = 0; i < 300; i++)
            tree.Set($"/small{i}", new RegularFile { Content = FileContent.Of(source, i * 4096, 4096 + i % 3) });
        E2fs.Write(dir["i"], tree);
        E2fs.ShouldBeClean(dir["i"]);
        E2fsTree.ShouldHold(dir["i"], tree);
    }

    [Fact]
    public void A_source_that_is_too_short_is_an_error_of_its_own_kind()
    {
        var tree = new FileTree();
        tree.Set("/x", new RegularFile { Content = FileContent.Of(new MemorySource(new byte[10]), 5, 10) });
        var layout = Ext4Layout.Place(tree, E2fs.Options, null).Value!;
        Should.Throw<EndOfStreamException>(() => new Ext4Writer(layout).Pour(new MemorySink(layout.LengthBytes), 2, CancellationToken.None));
    }

    [Fact]
    public void Cancelling_stops_it()
    {
        var layout = Ext4Layout.Place(Ext4Trees.Torture(), E2fs.Options, null).Value!;
        Should.Throw<OperationCanceledException>(() => new Ext4Writer(layout).Pour(new MemorySink(layout.LengthBytes), 2, new CancellationToken(true)));
        Should.Throw<OperationCanceledException>(() => new Ext4Writer(layout).Seal(new MemorySink(layout.LengthBytes), new CancellationToken(true)));
    }

    [Fact]
    public void The_superblock_says()
    {
        using var dir = new TempDir();
        E2fs.Write(dir["i"], Ext4Trees.Torture(), E2fs.Options with { LengthBytes = 300 << 20 });
        var lines = Tool.Require("dumpe2fs", "-h", dir["i"]).Split('\n').Where(l => !l.Contains("Filesystem created") && !l.Contains("Last ") && !l.StartsWith("dumpe2fs"));
        Golden.Match("dumpe2fs.txt", string.Join('\n', lines));
    }

    [Theory]
    [InlineData(40, "3G")]
    [InlineData(300, "2G")]
    [InlineData(3000, "40G")]
    public void It_grows(int mebibytes, string length)
    {
        using var dir = new TempDir();
        var tree = Ext4Trees.Torture();
        E2fs.Write(dir["i"], tree, E2fs.Options with { LengthBytes = (long)mebibytes << 20 });
        Tool.Require("truncate", "-s", length, dir["i"]);
        Tool.Require("resize2fs", dir["i"]);
        E2fs.ShouldBeClean(dir["i"]);
        E2fsTree.ShouldHold(dir["i"], tree);
    }

    [Fact]
    public void Its_directories_can_be_rebuilt()
    {
        using var dir = new TempDir();
        var tree = Ext4Trees.Torture();
        for (var i = 0; i < 3000; i++)
            tree.Set($"/lots/{i}", new RegularFile());
        E2fs.Write(dir["i"], tree);
        Tool.Run("e2fsck", "-D", "-fy", dir["i"]).ExitCode.ShouldBeLessThan(2);
        E2fs.ShouldBeClean(dir["i"]);
        E2fsTree.ShouldHold(dir["i"], tree);
    }

    [Fact]
    public void The_copies_of_the_superblock_can_repair_it()
    {
        using var dir = new TempDir();
        var tree = Ext4Trees.Torture();
        E2fs.Write(dir["i"], tree, E2fs.Options with { LengthBytes = 300 << 20 });
        using (var file = File.OpenWrite(dir["i"]))
            file.Write(new byte[8192]);
        Tool.Run("e2fsck", "-b", "32768", "-B", "4096", "-fy", dir["i"]).ExitCode.ShouldBeLessThan(2);
        E2fs.ShouldBeClean(dir["i"]);
        E2fsTree.ShouldHold(dir["i"], tree);
    }

    private static FileTree Reversed(FileTree tree)
    {
        var copy = tree.Clone();
        var other = new FileTree((DirectoryNode)copy.Root.CloneAlone());
        Move(copy.Root, other.Root);
        return other;
    }

    private static void Move(DirectoryNode from, DirectoryNode to)
    {
        foreach (var (name, node) in from.Children.Reverse())
        {
            if (node is DirectoryNode directory)
            {
                var made = (DirectoryNode)directory.CloneAlone();
                to.Set(name, made);
                Move(directory, made);
            }
            else
            {
                to.Set(name, node);
            }
        }
    }

    private static string Digest(string path)
    {
        using var file = File.OpenRead(path);
        return Convert.ToHexString(SHA256.HashData(file));
    }
}
