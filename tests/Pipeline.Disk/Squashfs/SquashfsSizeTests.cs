using Pipeline.Core.Compression;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Disk.Squashfs;

/// <summary>What is packed is as long as what mksquashfs makes with the same options, within one hundredth.</summary>
public sealed class SquashfsSizeTests : IDisposable
{
    private readonly TempDir _dir = new();

    /// <summary>Programs and text: assemblies of this repository, and the sources that they are made of.</summary>
    [Theory]
    [InlineData(CompressionKind.Zstandard, "zstd")]
    [InlineData(CompressionKind.Gzip, "gzip")]
    public void An_image_is_within_one_hundredth(CompressionKind kind, string name)
    {
        var from = Directory.CreateDirectory(_dir["in"]).FullName;
        foreach (var file in Directory.EnumerateFiles(AppContext.BaseDirectory, "Pipeline.*.dll"))
            File.Copy(file, Path.Combine(from, Path.GetFileName(file)));
        Tool.Require("cp", "-r", Path.Combine(DebianMinimal.Repository, "src"), Path.Combine(from, "src"));

        SquashfsJudge.Write(_dir["ours"], DirectoryTree.Read(from), SquashfsJudge.Options with { Compression = kind, Level = 9, BlockBytes = 128 << 10, PacksTails = false });
        Tool.Require("mksquashfs", from, _dir["theirs"], "-no-progress", "-b", "131072", "-comp", name, "-Xcompression-level", "9");

        var (ours, theirs) = (new FileInfo(_dir["ours"]).Length, new FileInfo(_dir["theirs"]).Length);
        theirs.ShouldBeGreaterThan(1 << 20);
        ((double)ours / theirs).ShouldBeInRange(0.9, 1.01, $"{ours} bytes, and {theirs} of mksquashfs");
    }

    public void Dispose() => _dir.Dispose();
}
