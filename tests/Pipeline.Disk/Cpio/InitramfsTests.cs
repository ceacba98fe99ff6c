using Pipeline.Core.Compression;
using Pipeline.Core.Files;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Disk.Cpio;

public sealed class InitramfsTests : IDisposable
{
    private readonly TempDir _dir = new();

    [Theory]
    [InlineData(CompressionKind.Gzip, "gzip")]
    [InlineData(CompressionKind.Zstandard, "zstd")]
    [InlineData(CompressionKind.Xz, "xz")]
    [InlineData(CompressionKind.None, "cat")]
    public void The_archive_comes_back_from_its_packing(CompressionKind kind, string program)
    {
        var tree = Large();
        Write("i", tree, new(kind, 1, 2));
        var shell = program == "cat" ? "cat" : $"{program} -dc";
        Tool.Require("sh", "-c", $"{shell} < {_dir["i"]} > {_dir["a"]}");
        CpioJudge.ShouldHold(_dir["a"], tree);
    }

    /// <summary>Linux unpacks one frame, and of xz only streams with a CRC-32.</summary>
    [Fact]
    public void Linux_can_unpack_what_xz_and_zstd_make()
    {
        Write("x", Large(), new(CompressionKind.Xz, 1, 2));
        Tool.Require("xz", "--list", "--robot", "--format=xz", "--verbose", _dir["x"]).ShouldContain("\tCRC32\t");
        Write("z", Large(), new(CompressionKind.Zstandard, 1, 2));
        Tool.Run("zstd", "-l", _dir["z"]).Output.ShouldMatch(@"(?m)^ +1 +0 ");
    }

    [Fact]
    public void The_bytes_do_not_depend_on_threads()
    {
        foreach (var kind in new[] { CompressionKind.Gzip, CompressionKind.Zstandard, CompressionKind.Xz })
        {
            Write("one", Large(), new(kind, 1, 1));
            Write("four", Large(), new(kind, 1, 4));
            File.ReadAllBytes(_dir["four"]).AsSpan().SequenceEqual(File.ReadAllBytes(_dir["one"])).ShouldBeTrue(kind.ToString());
        }
    }

    [Fact]
    public void Microcode_lies_in_front_as_it_is()
    {
        var microcode = new FileTree();
        microcode.Set("/kernel/x86/microcode/GenuineIntel.bin", Ext4Trees.File(Ext4Trees.Bytes(5000, 1)));
        CpioJudge.Write(_dir["m"], microcode);
        var prefix = File.ReadAllBytes(_dir["m"]).AsSpan(0, 5555).ToArray();
        var tree = new FileTree();
        tree.Set("/init", Ext4Trees.File([1]));
        Write("i", tree, new(CompressionKind.Gzip, null, 1) { Prefixes = [FileContent.Of(prefix)] });
        var bytes = File.ReadAllBytes(_dir["i"]);
        bytes[..5555].ShouldBe(prefix);
        bytes[5555..5632].ShouldAllBe(b => b == 0);
        File.WriteAllBytes(_dir["g"], bytes[5632..]);
        Tool.Require("sh", "-c", $"gzip -dc < {_dir["g"]} > {_dir["a"]}");
        CpioJudge.ShouldHold(_dir["a"], tree);
    }

    /// <summary>More than one block of each encoder; easy to pack.</summary>
    private static FileTree Large()
    {
        var tree = new FileTree();
        for (var i = 0; i < 20; i++)
            tree.Set($"/d/{i}", Ext4Trees.File([.. Enumerable.Repeat(Ext4Trees.Bytes(1000 + i, i % 5), 1000).SelectMany(b => b)]));
        return tree;
    }

    private void Write(string name, FileTree tree, InitramfsOptions options)
    {
        using var file = File.Create(_dir[name]);
        Initramfs.Write(CpioJudge.Place(tree), options, file, CancellationToken.None);
    }

    public void Dispose() => _dir.Dispose();
}
