using System.Security.Cryptography;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Manifests.Yaml;

namespace Pipeline.Engine.Manifests.Reading;

/// <summary><c>signing:</c> of <c>pipeline.yaml</c>. The private key need not be on this machine; the public one must be in the repository.</summary>
internal sealed class SigningReader(string rootPath, DiagnosticBag bag)
{
    private const int LimitBytes = 64 << 10;
    private const string P256 = "1.2.840.10045.3.1.7";

    public SigningConfig? Read(YamlMap tree)
    {
        var entry = tree.Entries.FirstOrDefault(e => e.Key == "signing");
        if (entry is null)
            return null;
        var signing = entry.Value as YamlMap;
        return new(ReadKey(signing.Scalar("key")), ReadPublicKey(signing.Scalar("publicKey")), entry.KeySpan);
    }

    private string? ReadKey(YamlScalar? key)
    {
        if (key is null || PathOf(key) is not { } path)
            return null;
        if (IsInRepository(path) && TextOf(path) is { } text && text.Contains("PRIVATE KEY-----", StringComparison.Ordinal)
            && !text.Contains("-----BEGIN ENCRYPTED PRIVATE KEY-----", StringComparison.Ordinal))
        {
            bag.Add(ManifestRules.SigningKeyBare, key.Span, Message.Quote(key.Text));
        }
        return path;
    }

    private string? ReadPublicKey(YamlScalar? key)
    {
        if (key is null || PathOf(key) is not { } path)
            return null;
        if (TextOf(path) is not { } text)
        {
            bag.Add(ManifestRules.PublicKeyMissing, key.Span, Message.Quote(key.Text));
            return null;
        }
        if (Problem(text) is not { } problem)
            return path;
        bag.Add(ManifestRules.PublicKeyUnusable, key.Span, Message.Quote(key.Text), problem);
        return null;
    }

    private string? PathOf(YamlScalar key)
    {
        if (!key.Text.Any(char.IsControl))
            return Path.GetFullPath(key.Text, rootPath);
        bag.Add(ManifestRules.UnclearPath, key.Span, Message.Quote(key.Text), "it has a control character; remove it");
        return null;
    }

    private bool IsInRepository(string path) => path.StartsWith(Path.TrimEndingDirectorySeparator(rootPath) + '/', StringComparison.Ordinal);

    /// <summary>Null where there is no file, or one that is no key by its size.</summary>
    private static string? TextOf(string path)
    {
        try
        {
            return new FileInfo(path) is { Exists: true, Length: <= LimitBytes } ? File.ReadAllText(path) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string? Problem(string pem)
    {
        if (pem.Contains("PRIVATE KEY-----", StringComparison.Ordinal))
            return "it holds a private key; take it out of the repository, and make another one";
        using var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(pem);
            return key.ExportParameters(false).Curve is { IsNamed: true, Oid.Value: P256 } ? null : "its curve is not P-256";
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            return "it has no '-----BEGIN PUBLIC KEY-----' of an elliptic curve";
        }
    }
}
