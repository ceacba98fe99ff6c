using System.IO.Compression;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Core.Compression;

public sealed class BlockCompressorTests
{
    public static TheoryData<CompressionKind, int?> Kinds => new()
    {
        { CompressionKind.Gzip, 1 }, { CompressionKind.Gzip, null }, { CompressionKind.Zstandard, 1 }, { CompressionKind.Zstandard, null },
        { CompressionKind.Zstandard, 22 }, { CompressionKind.Xz, 0 }, { CompressionKind.Xz, null },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_block_comes_back_whatever_was_packed_before(CompressionKind kind, int? level)
    {
        using var used = BlockCompressor.Open(kind, level, 128 << 10);
        using var fresh = BlockCompressor.Open(kind, level, 128 << 10);
        used.Compress(Text(100_000, 1), new byte[100_000]).ShouldBeGreaterThan(0);
        foreach (var length in new[] { 20, 8192, 128 << 10 })
        {
            var block = Text(length, 2);
            var (packed, again) = (new byte[length], new byte[length]);
            var count = used.Compress(block, packed);
            count.ShouldBeInRange(length == 20 ? 0 : 1, length - 1);
            fresh.Compress(block, again).ShouldBe(count);
            packed.ShouldBe(again);
            if (count > 0)
                Unpack(kind, packed[..count]).ShouldBe(block);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void What_gets_no_shorter_is_not_packed(CompressionKind kind, int? level)
    {
        using var compressor = BlockCompressor.Open(kind, level, 128 << 10);
        compressor.Compress(Ext4Trees.Bytes(128 << 10, 1), new byte[128 << 10]).ShouldBe(0);
        compressor.Compress([1], new byte[1]).ShouldBe(0);
        // Afterwards it works as before.
        compressor.Compress(Text(8192, 3), new byte[8192]).ShouldBeGreaterThan(0);
        compressor.Compress(Text(8192, 3), new byte[10]).ShouldBe(0);
    }

    [Theory]
    [InlineData(CompressionKind.Gzip, 0)]
    [InlineData(CompressionKind.Gzip, 10)]
    [InlineData(CompressionKind.Zstandard, 23)]
    [InlineData(CompressionKind.Xz, -1)]
    [InlineData(CompressionKind.None, 1)]
    public void Levels_that_a_format_lacks_are_a_bug_of_the_caller(CompressionKind kind, int level) =>
        Should.Throw<ArgumentOutOfRangeException>(() => BlockCompressor.Open(kind, level, 4096));

    private static byte[] Text(int length, int seed)
    {
        var words = Ext4Trees.Bytes(64, seed);
        var bytes = new byte[length];
        for (var i = 0; i < length; i++)
            bytes[i] = (byte)(words[i % (7 + i / 1000 % 5)] & 0x7F);
        return bytes;
    }

    private static byte[] Unpack(CompressionKind kind, byte[] packed)
    {
        using Stream plain = kind == CompressionKind.Gzip
            ? new ZLibStream(new MemoryStream(packed), CompressionMode.Decompress)
            : Compression.OpenDecoder(kind, new MemoryStream(packed), DecoderLimits.Default);
        var bytes = new MemoryStream();
        plain.CopyTo(bytes);
        return bytes.ToArray();
    }
}
