using System.Security.Cryptography;
using Pipeline.Core.Compression;
using Pipeline.Core.Streams;
using Pipeline.Core.Units;
using Pipeline.Engine.Planning;

namespace Pipeline.Engine.Flashing.Images;

/// <summary>An image as it comes out of its packing, hashed and counted while it is read. Owns what it reads.</summary>
internal sealed class UnpackedContent(Stream packed) : ReadingStream
{
    private const int DrainBytes = 1 << 20;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _length;

    public override int Read(Span<byte> buffer)
    {
        var count = packed.Read(buffer);
        _hash.AppendData(buffer[..count]);
        _length += count;
        return count;
    }

    /// <summary>Reads to the end, so that every byte counts.</summary>
    public UnpackedFile ReadToEnd(CancellationToken ct)
    {
        var buffer = new byte[DrainBytes];
        while (Read(buffer) > 0)
            ct.ThrowIfCancellationRequested();
        return new(new(_length), Digest.FromSha256Hash(_hash.GetHashAndReset()));
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            packed.Dispose();
            _hash.Dispose();
        }
        base.Dispose(disposing);
    }
}
