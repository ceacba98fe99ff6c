using System.Security.Cryptography;

namespace Pipeline.Engine.Publishing.Proof;

/// <summary>RFC 6979, section 3.2, for P-256 and SHA-256: the secret number of a signature, made of the key and the message alone.</summary>
internal sealed class DeterministicNonce
{
    private const int Bytes = 32;
    private byte[] _key = new byte[Bytes];
    private byte[] _value = new byte[Bytes];
    private bool _isRefused;

    /// <param name="secret">The key, 32 bytes, big-endian; below the order.</param>
    /// <param name="hash">SHA-256 of the message.</param>
    public DeterministicNonce(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> hash)
    {
        Span<byte> reduced = stackalloc byte[Bytes];
        Scalar.Reduce(hash).WriteTo(reduced);
        _value.AsSpan().Fill(1);
        Update([0, .. secret, .. reduced]);
        Update([1, .. secret, .. reduced]);
    }

    /// <summary>The next candidate; the first one is refused once in 2^32 keys.</summary>
    public byte[] Next()
    {
        while (true)
        {
            if (_isRefused)
                Update([0]);
            _value = HMACSHA256.HashData(_key, _value);
            _isRefused = true;
            if (Scalar.IsInRange(_value))
                return [.. _value];
        }
    }

    private void Update(byte[] more)
    {
        _key = HMACSHA256.HashData(_key, (byte[])[.. _value, .. more]);
        _value = HMACSHA256.HashData(_key, _value);
        CryptographicOperations.ZeroMemory(more);
    }
}
