using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Disk.Erofs;

/// <summary>What is packed is hardly longer than what mkfs.erofs makes with the same options.</summary>
public sealed class ErofsSizeTests : IDisposable
{
    private readonly TempDir _dir = new();

    /// <summary>Programs and text: the assemblies that this test runs on, and the sources that some of them are made of.</summary>
    [Fact]
    public void An_image_is_at_most_three_hundredths_longer()
    {
        var from = Directory.CreateDirectory(_dir["in"]).FullName;
        foreach (var file in Directory.EnumerateFiles(AppContext.BaseDirectory, "*.dll"))
            File.Copy(file, Path.Combine(from, Path.GetFileName(file)));
        Tool.Require("cp", "-r", Path.Combine(DebianMinimal.Repository, "src"), Path.Combine(from, "src"));

        ErofsJudge.Write(_dir["ours"], DirectoryTree.Read(from), ErofsJudge.Options with { Compression = ErofsCompression.Lz4 });
        // Clusters of 64 KiB, and the form of the index that every kernel with LZ4 reads.
        Tool.Require("mkfs.erofs", "--quiet", "-zlz4hc", "-C65536", "-Elegacy-compress", "-x-1", _dir["theirs"], from);

        var (ours, theirs) = (new FileInfo(_dir["ours"]).Length, new FileInfo(_dir["theirs"]).Length);
        theirs.ShouldBeGreaterThan(4 << 20);
        ((double)ours / theirs).ShouldBeInRange(0.5, 1.03, $"{ours} bytes, and {theirs} of mkfs.erofs");
    }

    public void Dispose() => _dir.Dispose();
}
