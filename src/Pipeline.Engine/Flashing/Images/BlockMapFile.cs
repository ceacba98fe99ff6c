using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace Pipeline.Engine.Flashing.Images;

/// <summary>Blocks of an image that hold data. Both ends are bytes, the last one exclusive.</summary>
/// <param name="Hash">Of exactly these bytes, in lower-case hex.</param>
internal sealed record MappedRange(long FirstByte, long EndByte, string Hash);

/// <summary>A block map (bmap 1.4 and 2.0): which bytes of an image must be written, and what they are.</summary>
/// <param name="Ranges">Ascending and disjoint.</param>
internal sealed record BlockMapFile(long ImageBytes, HashAlgorithmName Algorithm, ImmutableArray<MappedRange> Ranges)
{
    /// <summary>A map of a terabyte with a hole behind every megabyte.</summary>
    private const int LimitBytes = 256 << 20;

    public long MappedBytes => Ranges.Sum(r => r.EndByte - r.FirstByte);

    /// <exception cref="InvalidDataException">It is not a map, is damaged, or contradicts itself; the message says how.</exception>
    public static BlockMapFile Read(string path)
    {
        if (new FileInfo(path).Length > LimitBytes)
            throw new InvalidDataException($"it is longer than {LimitBytes} bytes");
        var bytes = File.ReadAllBytes(path);
        try
        {
            using var text = XmlReader.Create(new MemoryStream(bytes), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
            return Parse(XDocument.Load(text), bytes);
        }
        catch (XmlException e)
        {
            throw new InvalidDataException($"it is no XML ({e.Message.TrimEnd('.')})", e);
        }
    }

    private static BlockMapFile Parse(XDocument document, byte[] bytes)
    {
        var root = document.Root!;
        var version = (string?)root.Attribute("version");
        if (root.Name != "bmap" || version is not ("1.4" or "2.0"))
            throw new InvalidDataException($"it is version {version ?? "(none)"}, expected 2.0");
        var algorithm = Text(root, "ChecksumType") switch
        {
            "sha256" => HashAlgorithmName.SHA256,
            "sha512" => HashAlgorithmName.SHA512,
            var other => throw new InvalidDataException($"its checksums are of type '{other}', expected sha256"),
        };
        CheckOwnHash(bytes, Text(root, "BmapFileChecksum"), algorithm);
        var (image, block, blocks) = (Number(root, "ImageSize"), Number(root, "BlockSize"), Number(root, "BlocksCount"));
        if (image < 1 || block is < 512 or > 1 << 26 || blocks != (image + block - 1) / block)
            throw new InvalidDataException($"{blocks} blocks of {block} bytes are no image of {image}");
        var digits = algorithm == HashAlgorithmName.SHA256 ? 64 : 128;
        var ranges = ImmutableArray.CreateBuilder<MappedRange>();
        foreach (var range in root.Element("BlockMap")?.Elements("Range") ?? [])
        {
            var (first, last) = Span(range.Value.Trim());
            var hash = (string?)range.Attribute("chksum") ?? "";
            if (first > last || last >= blocks || (ranges.Count > 0 && first * block < ranges[^1].EndByte) || hash.Length != digits)
                throw new InvalidDataException($"its range '{range.Value.Trim()}' is out of order, beyond the image or without a checksum");
            ranges.Add(new(first * block, Math.Min((last + 1) * block, image), hash.ToLowerInvariant()));
        }
        return new(image, algorithm, ranges.ToImmutable());
    }

    /// <summary>The map carries its own digest, taken while the digest's place held zeroes.</summary>
    private static void CheckOwnHash(byte[] bytes, string own, HashAlgorithmName algorithm)
    {
        var at = own.Length == 0 ? -1 : bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes(own));
        if (at < 0)
            throw new InvalidDataException("it has no checksum of itself");
        var blank = bytes.ToArray();
        blank.AsSpan(at, own.Length).Fill((byte)'0');
        if (!Convert.ToHexStringLower(CryptographicOperations.HashData(algorithm, blank)).Equals(own, StringComparison.OrdinalIgnoreCase))
            throw new InvalidDataException("its checksum of itself is wrong");
    }

    private static (long First, long Last) Span(string text)
    {
        var dash = text.IndexOf('-', StringComparison.Ordinal);
        return dash < 0 ? (Number(text), Number(text)) : (Number(text[..dash].Trim()), Number(text[(dash + 1)..].Trim()));
    }

    private static string Text(XElement root, string name) =>
        root.Element(name)?.Value.Trim() ?? throw new InvalidDataException($"it has no {name}");

    private static long Number(XElement root, string name) => Number(Text(root, name));

    // Far from where products overflow; no image is as large.
    private static long Number(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < 1L << 50
        ? number
        : throw new InvalidDataException($"'{text}' is no number of bytes or blocks");
}
