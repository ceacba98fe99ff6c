using Pipeline.Core.Compression;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Core.Units;
using Pipeline.Engine.Planning;

namespace Pipeline.Engine.Flashing.Images;

/// <summary>
/// An image that is open and known to be one: its beginning was read, its block map was checked. The rest is unpacked and
/// checked while it is written, once.
/// </summary>
public sealed class FlashImage : IDisposable
{
    private readonly PackedFile _packed;
    private readonly bool _maySkip;

    private FlashImage(ImageFile file, CompressionKind packing, PackedFile packed, Stream content, ImageHead head)
    {
        (File, Packing, _packed, Content, Head) = (file, packing, packed, content, head);
        _maySkip = packing == CompressionKind.None && file.Sha256 is null && file.Unpacked is null;
    }

    public ImageFile File { get; }

    public CompressionKind Packing { get; }

    /// <summary>How long a disk must be at least. Known exactly for raw files, with a block map, with a GPT, and where a release says it.</summary>
    public ByteSize Least { get; private init; }

    /// <summary>What is written of it; null where only the end of the image will tell.</summary>
    public ByteSize? Mapped => Map is null ? null : new(Map.MappedBytes);

    /// <summary><c>GPT</c> or <c>MBR</c>.</summary>
    public string TableName => Head.TableName;

    /// <summary>Null with an MBR.</summary>
    public int? SectorBytes => Head.SectorBytes;

    internal BlockMapFile? Map { get; private init; }

    internal ImageHead Head { get; }

    /// <summary>Unpacked, from behind <see cref="Head"/>.</summary>
    internal Stream Content { get; }

    /// <exception cref="IOException">The file cannot be read.</exception>
    public static Result<FlashImage> Open(ImageFile file)
    {
        FileStream? stream = null;
        try
        {
            if (FileStatus.StreamKind(file.Path) is { } kind)
                throw new FlashException(FlashRules.NotADiskImage, file.Shown, $"it is {kind}, which cannot be read twice");
            stream = new FileStream(file.Path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 20, FileOptions.SequentialScan);
            return Open(file, stream);
        }
        catch (FlashException e)
        {
            stream?.Dispose();
            return Result<FlashImage>.Failed(e.Diagnostic);
        }
        catch (InvalidDataException e)
        {
            stream?.Dispose();
            return Result<FlashImage>.Failed(Diagnostic.Create(FlashRules.DamagedImage, null, file.Shown, e.Message));
        }
        catch (MissingLibraryException e)
        {
            stream?.Dispose();
            return Result<FlashImage>.Failed(e.Diagnostic);
        }
    }

    /// <summary>Passes over bytes that no range maps.</summary>
    internal void Skip(long count, byte[] buffer)
    {
        if (_maySkip)
        {
            _packed.Skip(count);
            return;
        }
        for (int got; count > 0; count -= got)
        {
            got = Content.Read(buffer.AsSpan(0, (int)Math.Min(buffer.Length, count)));
            if (got == 0)
                return;
        }
    }

    /// <summary>What the file unpacks to; for those who said what it should be.</summary>
    internal UnpackedFile ReadUnpacked(CancellationToken ct) => ((UnpackedContent)Content).ReadToEnd(ct);

    /// <summary>The digest of the packed file; for those who said what it should be.</summary>
    internal Digest ReadDigest(CancellationToken ct) => _packed.ReadDigest(ct);

    public void Dispose() => Content.Dispose();

    private static FlashImage Open(ImageFile file, FileStream stream)
    {
        Span<byte> magic = stackalloc byte[Compression.MagicBytes];
        var packing = Compression.Detect(magic[..stream.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false)]);
        stream.Position = 0;
        var packed = new PackedFile(stream, file.Sha256 is not null);
        // The disk's length is the limit that counts; an image of holes packs by any ratio.
        Stream content = packing == CompressionKind.None ? packed : Compression.OpenDecoder(packing, packed, new(long.MaxValue, long.MaxValue, long.MaxValue));
        content = file.Unpacked is null ? content : new UnpackedContent(content);
        var head = ImageHead.Read(content, file.Shown);
        var map = ReadMap(file);
        var length = packing == CompressionKind.None ? stream.Length : map?.ImageBytes ?? file.Unpacked?.Size.Bytes;
        if (map is not null && length != map.ImageBytes)
            throw new FlashException(FlashRules.BadBlockMap, file.BlockMapPath, $"it is for an image of {map.ImageBytes} bytes, '{file.Shown}' has {length}");
        if (head.Gpt is { } gpt && length < gpt.DiskBytes)
            throw new FlashException(FlashRules.EndsEarly, file.Shown, length, gpt.DiskBytes);
        return new(file, packing, packed, content, head) { Map = map, Least = new(Math.Max(length ?? 0, head.LeastBytes)) };
    }

    private static BlockMapFile? ReadMap(ImageFile file)
    {
        if (file.BlockMapPath is not { } path)
            return null;
        try
        {
            var map = BlockMapFile.Read(path);
            if (file.BlockMapSha256 is { } expected && Digest.Sha256(System.IO.File.ReadAllBytes(path)) != expected)
                throw new InvalidDataException("SHA256SUMS has another checksum for it");
            return map;
        }
        catch (InvalidDataException e)
        {
            throw new FlashException(FlashRules.BadBlockMap, path, e.Message);
        }
    }
}
