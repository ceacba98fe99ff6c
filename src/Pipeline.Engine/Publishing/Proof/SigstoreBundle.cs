using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Pipeline.Core.Json;

namespace Pipeline.Engine.Publishing.Proof;

/// <summary>
/// Sigstore's bundle v0.3 of a signature over a file, by a key and not a certificate: what <c>cosign verify-blob --key
/// --bundle</c> reads. Nothing is entered in a transparency log.
/// </summary>
public static class SigstoreBundle
{
    public const string MediaType = "application/vnd.dev.sigstore.bundle.v0.3+json";
    public const int LimitBytes = 1 << 20;

    /// <summary>Base64 has '+', which need not be escaped.</summary>
    private static readonly SigstoreContext Tidy = new(JsonForm.LineLike(SigstoreContext.Default.Options));

    public static byte[] OfMessage(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature, VerificationKey key)
    {
        var document = new BundleDocument(
            MediaType, new(new KeyHintDocument(key.Hint), []),
            new(new("SHA2_256", Convert.ToBase64String(SHA256.HashData(message))), Convert.ToBase64String(signature)));
        return [.. JsonSerializer.SerializeToUtf8Bytes(document, Tidy.BundleDocument), (byte)'\n'];
    }

    /// <summary>The digest that is signed, and the signature in DER; null where it is no such bundle.</summary>
    public static (byte[] Sha256, byte[] Signature)? ReadMessage(ReadOnlySpan<byte> json)
    {
        try
        {
            var document = JsonSerializer.Deserialize(json, SigstoreContext.Default.BundleDocument);
            return document is { MediaType: MediaType, MessageSignature: { MessageDigest.Algorithm: "SHA2_256" } message }
                && Base64.IsValid(message.MessageDigest.Digest) && Base64.IsValid(message.Signature)
                ? (Convert.FromBase64String(message.MessageDigest.Digest), Convert.FromBase64String(message.Signature))
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

internal sealed record BundleDocument(string MediaType, MaterialDocument VerificationMaterial, MessageSignatureDocument MessageSignature);

internal sealed record MaterialDocument(KeyHintDocument? PublicKey, JsonElement[]? TlogEntries);

internal sealed record KeyHintDocument(string Hint);

internal sealed record MessageSignatureDocument(MessageDigestDocument MessageDigest, string Signature);

internal sealed record MessageDigestDocument(string Algorithm, string Digest);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, MaxDepth = 32)]
[JsonSerializable(typeof(BundleDocument))]
internal sealed partial class SigstoreContext : JsonSerializerContext;
