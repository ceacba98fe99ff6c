using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Pipeline.Core.Units;
using Pipeline.Engine.Planning;
using Pipeline.Engine.Publishing.Proof;
using Pipeline.Oci.Documents;

namespace Pipeline.Engine.Publishing.Registries;

/// <summary>
/// A release as an artifact: image-spec, "Guidelines for Artifact Usage". Each file is a layer whose title is its name, as
/// ORAS reads and writes them; the configuration is the empty one.
/// </summary>
internal sealed record ReleaseManifest(string Image, string Version, ImmutableArray<ReleaseFile> Files, string? Commit)
{
    public const string ArtifactType = "application/vnd.pipeline.release.v1";
    public const string Title = "org.opencontainers.image.title";
    private const string VersionKey = "org.opencontainers.image.version";
    private const string RevisionKey = "org.opencontainers.image.revision";
    public const string EmptyType = "application/vnd.oci.empty.v1+json";
    public const string ProvenanceType = "application/vnd.in-toto.bundle";

    /// <summary>The empty configuration: image-spec, "Guidance for an Empty Descriptor".</summary>
    public static ReadOnlySpan<byte> Empty => "{}"u8;

    public ReleaseFile? this[string name] => Files.FirstOrDefault(f => f.Name == name);

    public byte[] Write()
    {
        var annotations = new SortedDictionary<string, string>(StringComparer.Ordinal) { [Title] = Image, [VersionKey] = Version };
        if (Commit is not null)
            annotations[RevisionKey] = Commit;
        var document = new ManifestDocument(
            2, MediaTypes.OciManifest, ArtifactType, new(EmptyType, Digest.Sha256(Empty).Text, Empty.Length),
            [.. Files.Select(f => new LayerDocument(TypeOf(f.Name), f.Sha256.Text, f.Size.Bytes) { Annotations = new(StringComparer.Ordinal) { [Title] = f.Name } })], annotations);
        return JsonSerializer.SerializeToUtf8Bytes(document, ManifestContext.Default.ManifestDocument);
    }

    /// <summary>Null, and why, where it is something else.</summary>
    public static (ReleaseManifest? Manifest, string? Problem) Read(byte[] json)
    {
        try
        {
            var document = JsonSerializer.Deserialize(json, ManifestContext.Default.ManifestDocument);
            if (document?.ArtifactType != ArtifactType)
                return (null, $"its type is '{document?.ArtifactType}', expected '{ArtifactType}'");
            var files = document.Layers.Select(ToFile).ToImmutableArray();
            return (new(document.Annotations[Title], document.Annotations[VersionKey], files, document.Annotations.GetValueOrDefault(RevisionKey)), null);
        }
        catch (Exception e) when (e is JsonException or FormatException or KeyNotFoundException)
        {
            return (null, e.Message.ReplaceLineEndings(" "));
        }
    }

    private static ReleaseFile ToFile(LayerDocument? layer) => layer?.Annotations?.GetValueOrDefault(Title) is { } name && ReleaseNames.IsValid(name) && layer.Size >= 0
        ? new(name, new(layer.Size), Digest.Parse(layer.Digest))
        : throw new FormatException("a layer has no title that is a file name");

    public static string TypeOf(string name) => name switch
    {
        ReleaseDocuments.Inputs => "application/vnd.pipeline.inputs.v1+json",
        ReleaseDocuments.Changelog => "text/markdown",
        ReleaseDocuments.Checksums => "text/plain",
        ReleaseDocuments.Signature => "application/vnd.pipeline.signature.v1+der",
        ReleaseDocuments.SignatureBundle => SigstoreBundle.MediaType,
        _ when ReleaseDocuments.IsProvenance(name) => ProvenanceType,
        _ when name.EndsWith(".spdx.json", StringComparison.Ordinal) => "application/spdx+json",
        _ when name.EndsWith(".cdx.json", StringComparison.Ordinal) => "application/vnd.cyclonedx+json",
        _ => Path.GetExtension(name) switch
        {
            ".zst" => "application/vnd.pipeline.disk.v1.raw+zstd",
            ".xz" => "application/vnd.pipeline.disk.v1.raw+xz",
            ".gz" => "application/vnd.pipeline.disk.v1.raw+gzip",
            ".bmap" => "application/xml",
            _ => "application/vnd.pipeline.disk.v1.raw",
        },
    };
}

internal sealed record ManifestDocument(
    int SchemaVersion, string MediaType, string? ArtifactType, LayerDocument Config, LayerDocument[] Layers, SortedDictionary<string, string> Annotations)
{
    public LayerDocument? Subject { get; init; }
}

internal sealed record LayerDocument(string MediaType, string Digest, long Size)
{
    public SortedDictionary<string, string>? Annotations { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, MaxDepth = 16)]
[JsonSerializable(typeof(ManifestDocument))]
internal sealed partial class ManifestContext : JsonSerializerContext;
