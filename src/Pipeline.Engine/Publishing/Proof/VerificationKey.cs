using System.Security.Cryptography;

namespace Pipeline.Engine.Publishing.Proof;

/// <summary>A public key on P-256.</summary>
public sealed class VerificationKey
{
    /// <summary>Far more than a key and comments around it.</summary>
    public const int LimitBytes = 64 << 10;

    private readonly byte[] _publicInfo;

    private VerificationKey(byte[] publicInfo) => _publicInfo = publicInfo;

    /// <summary>SHA-256 of the key as SubjectPublicKeyInfo, in hex: what names the key in envelopes.</summary>
    public string Id => Convert.ToHexStringLower(SHA256.HashData(_publicInfo));

    /// <summary>The same in Base64, as Sigstore's tools name keys.</summary>
    public string Hint => Convert.ToBase64String(SHA256.HashData(_publicInfo));

    /// <summary><c>-----BEGIN PUBLIC KEY-----</c>, with a line end.</summary>
    public string Pem => PemEncoding.WriteString("PUBLIC KEY", _publicInfo) + "\n";

    internal static VerificationKey Of(ECDsa key) => new(key.ExportSubjectPublicKeyInfo());

    /// <summary>The first key in a PEM text; null, and why, where there is none on P-256. A private key is refused: it does not belong where public ones are expected.</summary>
    public static (VerificationKey? Key, string? Problem) Read(string pem)
    {
        if (pem.Contains("PRIVATE KEY-----", StringComparison.Ordinal))
            return (null, "it holds a private key, where a public one is expected");
        using var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(pem);
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            return (null, "it is not a public key of an elliptic curve in PEM (-----BEGIN PUBLIC KEY-----)");
        }
        return KeyFile.IsP256(key) ? (Of(key), null) : (null, "its curve is not P-256 (prime256v1)");
    }

    public bool Verifies(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        using var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(_publicInfo, out _);
        return key.VerifyData(message, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
    }
}
