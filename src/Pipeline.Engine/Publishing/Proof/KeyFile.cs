using System.Security.Cryptography;

namespace Pipeline.Engine.Publishing.Proof;

/// <summary>
/// Private keys as PEM: <c>EC PRIVATE KEY</c> (SEC 1), <c>PRIVATE KEY</c> and <c>ENCRYPTED PRIVATE KEY</c> (PKCS #8).
/// Problems are told in words of our own: those of the library might repeat what they were given.
/// </summary>
public static class KeyFile
{
    private const string P256 = "1.2.840.10045.3.1.7";

    /// <summary>As many rounds as OWASP asked of PBKDF2 with HMAC-SHA-256 in 2023.</summary>
    private const int Rounds = 600_000;

    public static (SigningKey? Key, string? Problem) Read(Secret pem, Secret? passphrase)
    {
        var text = pem.Reveal();
        if (OddForm(text) is { } odd)
            return (null, odd);
        var isEncrypted = IsEncrypted(text);
        if (isEncrypted && passphrase is null)
            return (null, "it is encrypted; set PIPELINE_SIGNING_PASSPHRASE or PIPELINE_SIGNING_PASSPHRASE_FILE");
        using var key = ECDsa.Create();
        try
        {
            if (isEncrypted)
                key.ImportFromEncryptedPem(text, passphrase!.Reveal());
            else
                key.ImportFromPem(text);
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            return (null, isEncrypted ? "the passphrase does not open it, or it is no key of an elliptic curve" : "it is no private key of an elliptic curve in PEM");
        }
        return IsP256(key) ? Secret(key) : (null, "its curve is not P-256 (prime256v1)");
    }

    /// <summary>A new key as PKCS #8, encrypted where there is a passphrase: the one place that takes from chance.</summary>
    public static string Make(Secret? passphrase)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return (passphrase is null
            ? key.ExportPkcs8PrivateKeyPem()
            : key.ExportEncryptedPkcs8PrivateKeyPem(passphrase.Reveal(), new(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, Rounds))) + "\n";
    }

    public static bool IsEncrypted(string pem) => pem.Contains("-----BEGIN ENCRYPTED PRIVATE KEY-----", StringComparison.Ordinal);

    internal static bool IsP256(ECDsa key)
    {
        var curve = key.ExportParameters(includePrivateParameters: false).Curve;
        return curve is { IsNamed: true, Oid.Value: P256 };
    }

    private static string? OddForm(string pem) =>
        pem.Contains("SIGSTORE PRIVATE KEY", StringComparison.Ordinal) ? "it is in cosign's own form; make one with 'pipeline key new' or 'openssl ecparam -name prime256v1 -genkey -noout'"
        : pem.Contains("Proc-Type: 4,ENCRYPTED", StringComparison.Ordinal) ? "it is encrypted in the old form of openssl; bring it into PKCS #8 with 'openssl pkcs8 -topk8 -in KEY'"
        : null;

    private static (SigningKey?, string?) Secret(ECDsa key)
    {
        try
        {
            return key.ExportParameters(includePrivateParameters: true).D is { } secret ? (SigningKey.Of(secret), null) : (null, "it is a public key");
        }
        catch (CryptographicException)
        {
            return (null, "it is a public key");
        }
    }
}
