using System.Buffers;

namespace Pipeline.Engine.Flashing.Images;

/// <summary>A piece of the disk to be. The buffer is rented; who uses up the chunk returns it.</summary>
internal readonly record struct Chunk(long OffsetBytes, byte[] Buffer, int Count)
{
    public Span<byte> Data => Buffer.AsSpan(0, Count);

    public void Return() => ArrayPool<byte>.Shared.Return(Buffer);
}

/// <summary>
/// Gives what must be written of an image behind its head: the ranges of its map, or all of it. Checks the map's checksums,
/// the image's length and its digest on the way, so the end of the sequence means that the image is good.
/// </summary>
internal sealed class ChunkReader(FlashImage image)
{
    public const int ChunkBytes = 1 << 20;
    private readonly byte[] _skipped = new byte[ChunkBytes];
    private long _position = image.Head.Bytes.Length;

    private string Shown => image.File.Shown;

    /// <exception cref="FlashException">The image is damaged.</exception>
    public IEnumerable<Chunk> Read(CancellationToken ct)
    {
        using var check = image.Map is { } map ? new RangeCheck(map, Shown) : null;
        check?.Accept(0, image.Head.Bytes);
        foreach (var (first, end) in Wanted())
        {
            Guard(() => SkipTo(first));
            while (_position < end)
            {
                ct.ThrowIfCancellationRequested();
                var chunk = ReadChunk((int)Math.Min(ChunkBytes, end - _position));
                if (chunk.Count > 0)
                {
                    check?.Accept(chunk.OffsetBytes, chunk.Data);
                    yield return chunk;
                }
                if (chunk.Count < Math.Min(ChunkBytes, end - chunk.OffsetBytes))
                    break;
            }
        }
        CheckEnd(ct);
    }

    private IEnumerable<(long First, long End)> Wanted() => image.Map is null
        ? [(_position, long.MaxValue)]
        : image.Map.Ranges.Where(r => r.EndByte > image.Head.Bytes.Length).Select(r => (Math.Max(r.FirstByte, image.Head.Bytes.Length), r.EndByte));

    private void SkipTo(long place)
    {
        if (place > _position)
            image.Skip(place - _position, _skipped);
        _position = Math.Max(place, _position);
    }

    private Chunk ReadChunk(int count)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(count);
        var got = 0;
        Guard(() => got = image.Content.ReadAtLeast(buffer.AsSpan(0, count), count, throwOnEndOfStream: false));
        var chunk = new Chunk(_position, buffer, got);
        _position += got;
        if (got < count && image.Map is { } map)
            throw new FlashException(FlashRules.EndsEarly, Shown, _position, map.ImageBytes);
        return chunk;
    }

    private void CheckEnd(CancellationToken ct)
    {
        if (image.Map is null && image.Head.Gpt is { } gpt && _position < gpt.DiskBytes)
            throw new FlashException(FlashRules.EndsEarly, Shown, _position, gpt.DiskBytes);
        Guard(() =>
        {
            if (image.File.Unpacked is { } promised && image.ReadUnpacked(ct) is var unpacked && unpacked != promised)
                throw new FlashException(FlashRules.UnpacksDifferently, Shown, unpacked.Size.Bytes, unpacked.Sha256.Hex, promised.Size.Bytes, promised.Sha256.Hex);
            if (image.File.Sha256 is { } expected && image.ReadDigest(ct) is var actual && actual != expected)
                throw new FlashException(FlashRules.ImageDiffersFromChecksum, Shown, actual.Hex, expected.Hex);
        });
    }

    private void Guard(Action read)
    {
        try
        {
            read();
        }
        catch (InvalidDataException e)
        {
            throw new FlashException(FlashRules.DamagedImage, Shown, e.Message);
        }
        catch (IOException e)
        {
            throw new FlashException(FlashRules.ImageFailed, Shown, e.Message.TrimEnd('.'));
        }
    }
}
