using System.Security.Cryptography;
using Pipeline.Core.Compression;
using Pipeline.Core.Streams;
using Pipeline.Core.Units;

namespace Pipeline.Engine.Flashing.Images;

/// <summary>An image file as it lies on the disk, hashed while it is read where somebody said what its digest is.</summary>
internal sealed class PackedFile(FileStream file, bool isHashed) : ReadingStream
{
    private const int DrainBytes = 1 << 20;
    private readonly IncrementalHash? _hash = isHashed ? IncrementalHash.CreateHash(HashAlgorithmName.SHA256) : null;

    public override int Read(Span<byte> buffer)
    {
        var count = file.Read(buffer);
        _hash?.AppendData(buffer[..count]);
        return count;
    }

    /// <summary>Passes over bytes; for those who asked for no digest.</summary>
    public void Skip(long count) => file.Position += count;

    /// <summary>Reads to the end, so that the digest covers every byte.</summary>
    public Digest ReadDigest(CancellationToken ct)
    {
        var buffer = new byte[DrainBytes];
        while (Read(buffer) > 0)
            ct.ThrowIfCancellationRequested();
        return Digest.FromSha256Hash(_hash!.GetHashAndReset());
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            file.Dispose();
            _hash?.Dispose();
        }
        base.Dispose(disposing);
    }
}
