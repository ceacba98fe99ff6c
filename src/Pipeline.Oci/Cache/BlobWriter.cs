using System.Security.Cryptography;
using Pipeline.Core.Units;

namespace Pipeline.Oci.Cache;

/// <summary>A blob on its way into the cache. Disposing it without <see cref="Commit"/> leaves nothing. Not thread-safe.</summary>
public sealed class BlobWriter : IDisposable
{
    private readonly BlobCache _cache;
    private readonly string _partial;
    private readonly Digest? _expected;
    private readonly long? _sizeBytes;
    private readonly FileStream _file;
    private readonly IncrementalHash _hash;
    private bool _isCommitted;

    internal BlobWriter(BlobCache cache, string partial, Digest? expected, long? sizeBytes)
    {
        (_cache, _partial, _expected, _sizeBytes) = (cache, partial, expected, sizeBytes);
        _file = new FileStream(partial, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1);
        _hash = expected?.CreateHash() ?? IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    }

    public long WrittenBytes { get; private set; }

    /// <exception cref="IOException">The disk is full, or failed; dispose the writer and nothing is left.</exception>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        _hash.AppendData(bytes);
        _file.Write(bytes);
        WrittenBytes += bytes.Length;
    }

    /// <summary>Gives the blob its name.</summary>
    /// <exception cref="InvalidDataException">The bytes are not those that the digest and size promise; nothing is kept.</exception>
    public Digest Commit()
    {
        _file.Dispose();
        var actual = Digest.FromHash(_expected?.Algorithm == "sha512" ? HashAlgorithmName.SHA512 : HashAlgorithmName.SHA256, _hash.GetHashAndReset());
        if (_sizeBytes is { } size && size != WrittenBytes)
            throw new InvalidDataException($"the blob {_expected} ended after {WrittenBytes} of {size} bytes");
        if (_expected is not null && actual != _expected)
            throw new InvalidDataException($"the blob should hash to {_expected} but hashes to {actual}");
        _cache.Accept(_partial, actual);
        _isCommitted = true;
        return actual;
    }

    public void Dispose()
    {
        _file.Dispose();
        _hash.Dispose();
        if (!_isCommitted)
            File.Delete(_partial);
    }

    internal static Digest HashOf(Digest like, ReadOnlySpan<byte> bytes) => like.Algorithm == "sha512"
        ? Digest.FromHash(HashAlgorithmName.SHA512, SHA512.HashData(bytes))
        : Digest.Sha256(bytes);
}
