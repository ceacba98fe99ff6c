using System.Security.Cryptography;

namespace Pipeline.Engine.Publishing.Proof;

/// <summary>
/// A private key on P-256 that signs with ECDSA and SHA-256, deterministically (RFC 6979): the same bytes have the same
/// signature, so that a release can be made again to the byte. Every signature is checked by the system's library before
/// it is given out.
/// </summary>
public sealed class SigningKey
{
    private readonly byte[] _secret;

    private SigningKey(byte[] secret, VerificationKey key) => (_secret, Public) = (secret, key);

    public VerificationKey Public { get; }

    /// <param name="secret">32 bytes, big-endian.</param>
    /// <exception cref="CryptographicException">It is none: zero, or not below the order.</exception>
    public static SigningKey Of(byte[] secret)
    {
        if (secret.Length != Scalar.Bytes || !Scalar.IsInRange(secret))
            throw new CryptographicException("not a key of P-256");
        using var key = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = secret });
        return new(secret, VerificationKey.Of(key));
    }

    /// <returns>DER, as openssl writes and reads it.</returns>
    public byte[] Sign(ReadOnlySpan<byte> message)
    {
        var hash = SHA256.HashData(message);
        var nonce = new DeterministicNonce(_secret, hash);
        var key = Scalar.Reduce(_secret);
        while (true)
        {
            var candidate = nonce.Next();
            var r = Scalar.Reduce(TimesBase(candidate));
            var s = Scalar.Reduce(candidate).Invert() * (Scalar.Reduce(hash) + (r * key));
            CryptographicOperations.ZeroMemory(candidate);
            if (r.IsZero || s.IsZero)
                continue;
            var signature = EcdsaDer.Write(r, s);
            return Public.Verifies(message, signature) ? signature : throw new InvalidOperationException("a signature does not verify with its own key");
        }
    }

    /// <summary>The first coordinate of a multiple of the base point. The system's library does it in constant time: it is how a public key is made.</summary>
    private static byte[] TimesBase(byte[] factor)
    {
        using var point = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = factor });
        return point.ExportParameters(includePrivateParameters: false).Q.X!;
    }
}
