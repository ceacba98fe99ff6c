using Pipeline.Core.Compression;
using Pipeline.Core.Files;
using Pipeline.Core.Streams;
using Pipeline.Disk.Cpio;
using Pipeline.Engine.Building.Packages;

namespace Pipeline.Engine.Building.Live.Initrds;

/// <summary>
/// Looks into an initrd: archives as they are (processor microcode lies in such ones, in front), and then one that is
/// packed. Reads names only.
/// </summary>
internal static class InitrdReader
{
    /// <summary>Large ones with all firmware have half a gibibyte, unpacked.</summary>
    private static readonly DecoderLimits Limits = new(4L << 30, 2000, 1L << 30);

    /// <summary>What Linux unpacks too, and this program does not.</summary>
    private static readonly (byte[] Magic, string Name)[] Foreign =
    [
        ([0x02, 0x21, 0x4C, 0x18], "lz4"), ([0x42, 0x5A, 0x68], "bzip2"), ([0x5D, 0x00, 0x00], "lzma"), ([0x89, 0x4C, 0x5A, 0x4F], "lzo"),
    ];

    /// <exception cref="InvalidDataException">It is damaged, or packed in a way that is not known here.</exception>
    /// <exception cref="MissingLibraryException">The system lacks the library that unpacks it.</exception>
    public static InitrdFacts Read(FileContent initrd)
    {
        var signs = new InitrdSigns();
        if (CpioListing.Read(new ContentStream(initrd), signs.Add) is not { } packed)
            return signs.Judge();
        var rest = new ContentStream(initrd, packed, initrd.LengthBytes - packed);
        var start = new byte[Compression.MagicBytes];
        var count = initrd.Read(packed, start);
        var kind = Compression.Detect(start.AsSpan(0, count));
        if (kind == CompressionKind.None)
            throw new InvalidDataException(Array.Find(Foreign, f => start.AsSpan().StartsWith(f.Magic)).Name is { } name ? $"it is packed with {name}" : $"what lies at byte {packed} is neither an archive nor packed in a known way");
        using var plain = Compression.OpenDecoder(kind, rest, Limits);
        if (CpioListing.Read(plain, signs.Add) is { } end)
            throw new InvalidDataException($"what it packs is no archive from byte {end} on");
        return signs.Judge();
    }
}
