using System.IO.Compression;

namespace Pipeline.Core.Compression;

/// <summary>How a stream is packed.</summary>
public enum CompressionKind
{
    None,
    Gzip,
    Zstandard,
    Xz,
}

/// <summary>
/// Bounds on what a decoder gives out, against bombs. The ratio counts only once more than
/// <paramref name="RatioFreeBytes"/> came out, because a small file of zeroes is no attack.
/// </summary>
/// <param name="MaxBytes">Largest output in bytes.</param>
/// <param name="MaxRatio">Largest output in multiples of the input.</param>
public sealed record DecoderLimits(long MaxBytes, long MaxRatio, long RatioFreeBytes)
{
    /// <summary>256 GiB, and 2000 times the input once 4 GiB are passed (gzip cannot reach 1033).</summary>
    public static DecoderLimits Default { get; } = new(256L << 30, 2000, 4L << 30);
}

/// <summary>
/// How an output is packed. The bytes depend on the level and never on <paramref name="Threads"/>.
/// </summary>
/// <param name="Level">Null takes the format's default: zstd 3, xz 6, gzip 6.</param>
/// <param name="Threads">How many blocks are packed side by side, at least 1.</param>
public sealed record EncoderOptions(int? Level, int Threads)
{
    /// <summary>For Linux to unpack while it boots: an xz stream then has a CRC-32, the only check that its decoder knows.</summary>
    public bool ForKernel { get; init; }
}

/// <summary>
/// The one seam to compression: gzip by .NET, zstd and xz by the libraries of the system. Decoders take the whole input,
/// also when it consists of several members, frames or streams.
/// </summary>
public static class Compression
{
    // Without it .NET takes a gzip stream that breaks off for one that is over.
    static Compression() => AppContext.SetSwitch("System.IO.Compression.UseStrictValidation", true);

    /// <summary>How many bytes <see cref="Detect"/> wants to see.</summary>
    public const int MagicBytes = 6;

    /// <summary>Decides by the first bytes; media types and file names are hints that lie.</summary>
    public static CompressionKind Detect(ReadOnlySpan<byte> start)
    {
        if (start.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]))
            return CompressionKind.Gzip;
        if (start.StartsWith((ReadOnlySpan<byte>)[0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0]))
            return CompressionKind.Xz;
        return IsZstandard(start) ? CompressionKind.Zstandard : CompressionKind.None;
    }

    /// <summary>
    /// A stream of the unpacked bytes, chosen by the input's first bytes; what is not packed comes as it is. Reading is
    /// synchronous. Owns <paramref name="input"/>.
    /// </summary>
    /// <remarks>The result throws <see cref="InvalidDataException"/> when the input is damaged, ends early or exceeds a limit.</remarks>
    /// <exception cref="MissingLibraryException">The system lacks the library.</exception>
    public static Stream OpenDecoder(Stream input, DecoderLimits limits)
    {
        var start = new byte[MagicBytes];
        var count = input.ReadAtLeast(start, MagicBytes, throwOnEndOfStream: false);
        var whole = new PrefixedStream(start.AsMemory(0, count), input);
        var kind = Detect(start.AsSpan(0, count));
        return kind == CompressionKind.None ? whole : OpenDecoder(kind, whole, limits);
    }

    /// <summary>The same where the kind is known.</summary>
    public static Stream OpenDecoder(CompressionKind kind, Stream input, DecoderLimits limits)
    {
        var counted = new CountingStream(input);
        Stream plain = kind switch
        {
            CompressionKind.Gzip => new GZipStream(counted, CompressionMode.Decompress),
            CompressionKind.Zstandard => new ZstdDecoder(counted),
            CompressionKind.Xz => new XzDecoder(counted),
            _ => counted,
        };
        return new LimitedStream(plain, counted, limits);
    }

    /// <summary>
    /// A stream that packs what is written to it into <paramref name="output"/>, which stays open. Disposing it writes
    /// the end; an output that was not disposed is not whole.
    /// </summary>
    public static Stream OpenEncoder(CompressionKind kind, Stream output, EncoderOptions options) => kind switch
    {
        CompressionKind.Gzip => new GzipEncoder(output, options),
        CompressionKind.Zstandard => new ZstdEncoder(output, options),
        CompressionKind.Xz => new XzEncoder(output, options),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "there is nothing to encode"),
    };

    // A stream may begin with a skippable frame: magic 0x184D2A50 to 0x184D2A5F.
    private static bool IsZstandard(ReadOnlySpan<byte> start) =>
        start.StartsWith((ReadOnlySpan<byte>)[0x28, 0xB5, 0x2F, 0xFD])
        || (start.Length >= 4 && (start[0] & 0xF0) == 0x50 && start[1..4].SequenceEqual((ReadOnlySpan<byte>)[0x2A, 0x4D, 0x18]));
}
