using System.Security.Cryptography;
using Pipeline.Core.Streams;
using Pipeline.Core.Units;

namespace Pipeline.Core.Blocks;

/// <summary>
/// Hashes what is read through it and compares with what a descriptor promised, length and digest. Never gives out more
/// than the promised length; the comparison is made when the end is reached, so a reader that stops early must call
/// <see cref="DrainAsync"/>. Until then the bytes are unverified. Owns its input.
/// </summary>
public sealed class VerifyingStream(Stream unverified, Digest expected, long lengthBytes) : ReadingStream
{
    private const int DrainBytes = 128 << 10;
    private readonly IncrementalHash _hash = expected.CreateHash();
    private long _count;

    /// <summary>Whether the end was reached and everything was as promised.</summary>
    public bool IsVerified { get; private set; }

    public override long Length => lengthBytes;

    public override long Position
    {
        get => _count;
        set => throw new NotSupportedException();
    }

    /// <exception cref="InvalidDataException">Too long, too short, or not what the digest says.</exception>
    public override int Read(Span<byte> buffer) => Take(buffer, unverified.Read(buffer));

    /// <inheritdoc cref="Read(Span{byte})"/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await unverified.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        return Take(buffer.Span, count);
    }

    /// <summary>Reads to the end, so that the digest covers every byte. Decoders and tar readers stop early.</summary>
    /// <exception cref="InvalidDataException">Too long, too short, or not what the digest says.</exception>
    public async Task DrainAsync(CancellationToken ct)
    {
        var buffer = new byte[DrainBytes];
        while (await ReadAsync(buffer, ct).ConfigureAwait(false) > 0)
        {
        }
    }

    private int Take(Span<byte> buffer, int count)
    {
        if (count == 0)
        {
            if (buffer.Length > 0 && !IsVerified)
                Verify();
            return 0;
        }
        _count += count;
        if (_count > lengthBytes)
            throw new InvalidDataException($"{expected} is longer than the {lengthBytes} bytes that were promised");
        _hash.AppendData(buffer[..count]);
        return count;
    }

    private void Verify()
    {
        if (_count != lengthBytes)
            throw new InvalidDataException($"{expected} ends after {_count} of {lengthBytes} bytes");
        var actual = Digest.FromHash(expected.Algorithm == "sha512" ? HashAlgorithmName.SHA512 : HashAlgorithmName.SHA256, _hash.GetHashAndReset());
        if (actual != expected)
            throw new InvalidDataException($"expected {expected}, found {actual}");
        IsVerified = true;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            unverified.Dispose();
            _hash.Dispose();
        }
        base.Dispose(disposing);
    }
}
