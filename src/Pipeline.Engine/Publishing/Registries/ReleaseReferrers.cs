using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Pipeline.Core.Json;
using Pipeline.Core.Units;
using Pipeline.Engine.Planning;
using Pipeline.Oci.Documents;
using Pipeline.Oci.Registry;

namespace Pipeline.Engine.Publishing.Registries;

/// <summary>
/// What proves a release, attached to its manifest (image-spec 1.1, <c>subject</c>): provenance, inventories, the signature.
/// They are files of the release too; nothing is sent twice. Where a registry keeps no list of referrers, the tag
/// <c>sha256-…</c> is one (distribution-spec, "Unavailable Referrers API").
/// </summary>
internal sealed class ReleaseReferrers(ArtifactRepository repository, Action<string> checkpoint)
{
    /// <summary>Media types have '+', which need not be escaped.</summary>
    private static readonly JsonSerializerOptions Plain = JsonForm.LineLike(JsonSerializerOptions.Default);

    private const string SignatureType = "application/vnd.pipeline.signature.v1";

    /// <summary>Before the release has a tag: who can see it finds what proves it.</summary>
    public async Task AttachAsync(SubjectPlace subject, IEnumerable<ReleaseFile> files, CancellationToken ct)
    {
        var unlisted = new List<JsonObject>();
        foreach (var file in files.Where(f => ArtifactTypeOf(f.Name) is not null).OrderBy(f => f.Name, StringComparer.Ordinal))
        {
            var type = ArtifactTypeOf(file.Name)!;
            var manifest = Write(subject, file, type);
            var digest = Digest.Sha256(manifest);
            checkpoint("refer " + file.Name);
            if (!await repository.PutManifestAsync(digest.Text, manifest, MediaTypes.OciManifest, ct))
                unlisted.Add(Entry(digest, manifest.Length, type, file.Name));
        }
        if (unlisted.Count > 0)
            await ListAsync(subject.Digest, unlisted, ct);
    }

    /// <summary>The digests of what refers to a manifest.</summary>
    public async Task<ImmutableArray<Digest>> ListAsync(Digest subject, CancellationToken ct) =>
        [.. (await ReadAsync(subject, ct)).Select(DigestOf).OfType<Digest>()];

    /// <summary>What is about a manifest that is no more. The tag that lists it goes last.</summary>
    public async Task DeleteAsync(Digest subject, ImmutableArray<Digest> referrers, CancellationToken ct)
    {
        foreach (var referrer in referrers)
            await repository.DeleteAsync(referrer, ct);
        if (await repository.HeadAsync(ArtifactRepository.ReferrersTag(subject), ct) is { } index)
            await repository.DeleteAsync(index, ct);
    }

    private async Task ListAsync(Digest subject, List<JsonObject> entries, CancellationToken ct)
    {
        var listed = await ReadAsync(subject, ct);
        var ours = entries.Select(DigestOf).ToHashSet();
        var index = new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = MediaTypes.OciIndex,
            ["manifests"] = new JsonArray([.. listed.Where(e => !ours.Contains(DigestOf(e))).Select(e => e.DeepClone()), .. entries]),
        };
        checkpoint("list referrers");
        await repository.PutManifestAsync(ArtifactRepository.ReferrersTag(subject), Encoding.UTF8.GetBytes(index.ToJsonString(Plain)), MediaTypes.OciIndex, ct);
    }

    /// <summary>Entries as they stand there, those of others too; none where there is no list that can be read.</summary>
    private async Task<ImmutableArray<JsonObject>> ReadAsync(Digest subject, CancellationToken ct)
    {
        try
        {
            return await repository.FindReferrersAsync(subject, ct) is { } json && JsonNode.Parse(json)?["manifests"] is JsonArray entries ? [.. entries.OfType<JsonObject>()] : [];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return [];
        }
    }

    private static Digest? DigestOf(JsonObject entry) =>
        entry["digest"] is JsonValue value && value.TryGetValue<string>(out var text) && Digest.TryParse(text, out var digest) ? digest : null;

    private static JsonObject Entry(Digest digest, long sizeBytes, string artifactType, string name) => new()
    {
        ["mediaType"] = MediaTypes.OciManifest,
        ["digest"] = digest.Text,
        ["size"] = sizeBytes,
        ["artifactType"] = artifactType,
        ["annotations"] = new JsonObject { [ReleaseManifest.Title] = name },
    };

    private static byte[] Write(SubjectPlace subject, ReleaseFile file, string artifactType)
    {
        var title = new SortedDictionary<string, string>(StringComparer.Ordinal) { [ReleaseManifest.Title] = file.Name };
        var document = new ManifestDocument(
            2, MediaTypes.OciManifest, artifactType, new(ReleaseManifest.EmptyType, Digest.Sha256(ReleaseManifest.Empty).Text, ReleaseManifest.Empty.Length),
            [new(ReleaseManifest.TypeOf(file.Name), file.Sha256.Text, file.Size.Bytes) { Annotations = title }], title)
        {
            Subject = new(MediaTypes.OciManifest, subject.Digest.Text, subject.SizeBytes),
        };
        return JsonSerializer.SerializeToUtf8Bytes(document, ManifestContext.Default.ManifestDocument);
    }

    /// <summary>Null for what is no proof of the release.</summary>
    private static string? ArtifactTypeOf(string name) => name == ReleaseDocuments.SignatureBundle ? SignatureType
        : ReleaseManifest.TypeOf(name) is ReleaseManifest.ProvenanceType or "application/spdx+json" or "application/vnd.cyclonedx+json" ? ReleaseManifest.TypeOf(name)
        : null;
}

/// <summary>The manifest of a release.</summary>
internal sealed record SubjectPlace(Digest Digest, long SizeBytes);
