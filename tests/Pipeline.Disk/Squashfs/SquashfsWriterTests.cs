using Pipeline.Core.Compression;
using Pipeline.Core.Files;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Disk.Squashfs;

public sealed class SquashfsWriterTests
{
    [Theory]
    [InlineData(CompressionKind.Gzip, 9, 128 << 10, true)]
    [InlineData(CompressionKind.Gzip, 1, 4 << 10, false)]
    [InlineData(CompressionKind.Zstandard, 15, 1 << 20, true)]
    [InlineData(CompressionKind.Zstandard, 22, 4 << 10, true)]
    [InlineData(CompressionKind.Xz, 6, 128 << 10, true)]
    [InlineData(CompressionKind.Xz, 0, 1 << 20, false)]
    public void Every_kind_of_file_comes_back(CompressionKind kind, int level, int blockBytes, bool packsTails)
    {
        using var dir = new TempDir();
        var tree = Ext4Trees.Torture();
        SquashfsJudge.Write(dir["i"], tree, SquashfsJudge.Options with { Compression = kind, Level = level, BlockBytes = blockBytes, PacksTails = packsTails });
        SquashfsJudge.ShouldHold(dir["i"], tree);
    }
}
