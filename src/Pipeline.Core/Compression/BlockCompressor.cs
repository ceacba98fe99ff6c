using System.Runtime.CompilerServices;

namespace Pipeline.Core.Compression;

/// <summary>
/// Packs blocks one by one, each to be unpacked alone, as compressed file systems hold them. Its state is made once and
/// used for every block; the bytes depend on the block and the settings only. Not thread-safe: one a thread.
/// </summary>
public abstract class BlockCompressor : IDisposable
{
    // .NET asks for its switches once: whoever packs before anything is unpacked must not leave decoding lenient.
    static BlockCompressor() => RuntimeHelpers.RunClassConstructor(typeof(Compression).TypeHandle);

    /// <summary>The levels of a format, both ends inclusive, and the one taken where none is asked for.</summary>
    public static (int Least, int Most, int Default) Levels(CompressionKind kind) => kind switch
    {
        CompressionKind.Gzip => (1, 9, 9),
        CompressionKind.Zstandard => (1, 22, 15),
        CompressionKind.Xz => (0, 9, 6),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "there is nothing to encode"),
    };

    /// <param name="kind">Gzip means zlib streams (RFC 1950), zstd one frame, xz one stream with a CRC-32.</param>
    /// <param name="level">One of <see cref="Levels"/>; null takes the default.</param>
    /// <param name="maxBlockBytes">The longest block there will be; xz takes it for its dictionary. At least 4096.</param>
    /// <exception cref="MissingLibraryException">The system lacks the library.</exception>
    public static BlockCompressor Open(CompressionKind kind, int? level, int maxBlockBytes)
    {
        var (least, most, usual) = Levels(kind);
        var chosen = level ?? usual;
        ArgumentOutOfRangeException.ThrowIfLessThan(chosen, least, nameof(level));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(chosen, most, nameof(level));
        return kind switch
        {
            CompressionKind.Gzip => new ZlibBlocks(chosen),
            CompressionKind.Zstandard => new ZstdBlocks(chosen),
            _ => new XzBlocks(chosen, maxBlockBytes),
        };
    }

    /// <summary>Packs a block into the start of <paramref name="output"/>.</summary>
    /// <returns>How many bytes it takes; 0 where it would not fit, or would not be shorter than the block.</returns>
    public abstract int Compress(ReadOnlySpan<byte> block, Span<byte> output);

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected abstract void Dispose(bool disposing);
}
