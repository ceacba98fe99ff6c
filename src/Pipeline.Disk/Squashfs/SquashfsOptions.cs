using Pipeline.Core.Compression;
using Pipeline.Core.Files;

namespace Pipeline.Disk.Squashfs;

/// <summary>All that decides a squashfs besides its tree.</summary>
public sealed record SquashfsOptions
{
    public const int DefaultBlockBytes = 128 << 10;

    /// <summary>Gzip, zstd or xz.</summary>
    public CompressionKind Compression { get; init; } = CompressionKind.Zstandard;

    /// <summary>One of <see cref="BlockCompressor.Levels"/>; null takes the format's default: zstd 15, gzip 9, xz 6.</summary>
    public int? Level { get; init; }

    /// <summary>A power of two from 4 KiB to 1 MiB. Larger blocks pack better and are slower to read at random.</summary>
    public int BlockBytes { get; init; } = DefaultBlockBytes;

    /// <summary>
    /// Whether the ends of files longer than a block share blocks as short files do. It costs a reader one more block a
    /// file, and saves little where blocks pack well alone.
    /// </summary>
    public bool PacksTails { get; init; }

    /// <summary>When the file system was made. Times are kept in seconds from 1970 to 2106, others are moved there.</summary>
    public UnixTime Clock { get; init; }

    /// <summary>The room there is; null where it is as long as it gets.</summary>
    public long? MaxLengthBytes { get; init; }
}
