using System.Buffers.Text;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Pipeline.Core.Json;

namespace Pipeline.Engine.Publishing.Proof;

/// <summary>
/// An in-toto statement in a DSSE v1.0 envelope (payload type <c>application/vnd.in-toto+json</c>). Files of them are
/// bundles of in-toto: one envelope a line. An envelope without signatures holds the statement and proves nothing.
/// </summary>
/// <param name="Payload">The statement's bytes, which are what is signed, by way of <see cref="SignedBytes"/>.</param>
public sealed record DsseEnvelope(string PayloadType, ReadOnlyMemory<byte> Payload, ImmutableArray<DsseSignature> Signatures)
{
    public const string InToto = "application/vnd.in-toto+json";

    /// <summary>Provenance of a release with a thousand targets stays below.</summary>
    public const int LimitBytes = 64 << 20;

    /// <summary>More lines than a release has targets.</summary>
    public const int LimitLines = 10_000;

    /// <summary>Base64 has '+', which need not be escaped.</summary>
    private static readonly DsseContext Tidy = new(JsonForm.LineLike(DsseContext.Default.Options));

    /// <summary>What the signatures cover: the "pre-authentication encoding".</summary>
    public byte[] SignedBytes() => SignedBytes(PayloadType, Payload.Span);

    public static DsseEnvelope Create(byte[] statement, SigningKey? key) => new(InToto, statement, key is null
        ? []
        : [new(key.Public.Id, key.Sign(SignedBytes(InToto, statement)))]);

    public static byte[] WriteLines(IEnumerable<DsseEnvelope> envelopes)
    {
        using var lines = new MemoryStream();
        foreach (var envelope in envelopes)
        {
            lines.Write(envelope.Write());
            lines.WriteByte((byte)'\n');
        }
        return lines.ToArray();
    }

    /// <summary>Null, and why, where any line is not an envelope.</summary>
    public static (ImmutableArray<DsseEnvelope>? Envelopes, string? Problem) ReadLines(ReadOnlySpan<byte> file)
    {
        var envelopes = ImmutableArray.CreateBuilder<DsseEnvelope>();
        foreach (var range in file.Split((byte)'\n'))
        {
            var line = file[range];
            if (line.IsEmpty)
                continue;
            if (envelopes.Count == LimitLines)
                return (null, $"it has more than {LimitLines} lines");
            if (Read(line) is not { } envelope)
                return (null, $"line {envelopes.Count + 1} is not an envelope");
            envelopes.Add(envelope);
        }
        return envelopes.Count == 0 ? (null, "it is empty") : (envelopes.ToImmutable(), null);
    }

    private byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(
        new EnvelopeDocument(Convert.ToBase64String(Payload.Span), PayloadType, [.. Signatures.Select(s => new SignatureDocument(s.KeyId, Convert.ToBase64String(s.Signature.Span)))]),
        Tidy.EnvelopeDocument);

    private static DsseEnvelope? Read(ReadOnlySpan<byte> json)
    {
        try
        {
            var document = JsonSerializer.Deserialize(json, DsseContext.Default.EnvelopeDocument);
            if (document is null || !Base64.IsValid(document.Payload) || !document.Signatures.All(s => s is not null && Base64.IsValid(s.Sig)))
                return null;
            return new(document.PayloadType, Convert.FromBase64String(document.Payload), [.. document.Signatures.Select(s => new DsseSignature(s.Keyid ?? "", Convert.FromBase64String(s.Sig)))]);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static byte[] SignedBytes(string type, ReadOnlySpan<byte> payload) =>
        [.. Encoding.UTF8.GetBytes($"DSSEv1 {Encoding.UTF8.GetByteCount(type)} {type} {payload.Length} "), .. payload];
}

/// <param name="Signature">DER.</param>
public sealed record DsseSignature(string KeyId, ReadOnlyMemory<byte> Signature);

internal sealed record EnvelopeDocument(string Payload, string PayloadType, SignatureDocument[] Signatures);

internal sealed record SignatureDocument(string? Keyid, string Sig);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, MaxDepth = 8)]
[JsonSerializable(typeof(EnvelopeDocument))]
internal sealed partial class DsseContext : JsonSerializerContext;
