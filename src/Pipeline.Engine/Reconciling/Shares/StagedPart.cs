using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Pipeline.Core.Units;
using Pipeline.Engine.Building;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Planning;
using Pipeline.Engine.Publishing;
using Pipeline.Engine.Publishing.Registries;
using Pipeline.Oci.Documents;

namespace Pipeline.Engine.Reconciling.Shares;

/// <summary>
/// What a share built of one image, as an artifact: its configuration is a record in the form of a release's <c>inputs.json</c>,
/// its layers are the files. Tagged <c>RUN.IMAGE.TARGETS</c>, so that the same work lands on the same tag again.
/// </summary>
internal sealed record StagedPart(ReleaseRecord Record)
{
    private const string ArtifactType = "application/vnd.pipeline.stage.v1";
    private const int LongestTag = 128;
    private const int HashDigits = 12;

    public static StagedPart Of(ImageManifest image, ImmutableArray<Artifact> built) => new(new ReleaseRecord(
        image.Name, BuiltImages.Version, null, null, image.Labels,
        built.ToImmutableSortedDictionary(a => a.Target.Id, BuiltRecord.Of, StringComparer.Ordinal)));

    public byte[] WriteRecord() => ReleaseRecordJson.Write(Record);

    /// <summary>Of the blob with the record that a manifest names; null where it is no such manifest.</summary>
    public static Digest? RecordOf(byte[] manifest) => Artifacts.ConfigurationOf(manifest, ArtifactType);

    public static StagedPart? Read(byte[] record) => ReleaseRecordJson.TryRead(record, out var read, out _) ? new(read) : null;

    public string Tag(string run) => Prefix(run, Record.Image) + Hash(string.Join('\n', Record.Targets.Keys));

    public static bool IsTag(string run, string image, string tag)
    {
        var prefix = Prefix(run, image);
        return tag.StartsWith(prefix, StringComparison.Ordinal) && tag.Length == prefix.Length + HashDigits && tag.Skip(prefix.Length).All(char.IsAsciiHexDigitLower);
    }

    public byte[] WriteManifest(string run, byte[] record)
    {
        var files = Record.Targets.Values.SelectMany(t => t.Packages is { } packages ? t.Files.Add(packages) : t.Files).DistinctBy(f => f.Name, StringComparer.Ordinal);
        return Artifacts.Write(ArtifactType, run, new(ReleaseManifest.TypeOf(ReleaseDocuments.Inputs), Digest.Sha256(record).Text, record.Length),
        [
            .. files.OrderBy(f => f.Name, StringComparer.Ordinal)
                .Select(f => new LayerDocument(ReleaseManifest.TypeOf(f.Name), f.Sha256.Text, f.Size.Bytes) { Annotations = new(StringComparer.Ordinal) { [ReleaseManifest.Title] = f.Name } }),
        ]);
    }

    /// <summary>The names of images are such as tags may have, but for their length.</summary>
    private static string Prefix(string run, string image) =>
        run.Length + image.Length + HashDigits + 2 <= LongestTag ? $"{run}.{image}." : $"{run}.{Hash(image)}.";

    private static string Hash(string text) => Digest.Sha256(Encoding.UTF8.GetBytes(text)).Hex[..HashDigits];
}

/// <summary>The report of a share as an artifact whose configuration it is. Tagged <c>RUN.share-INDEX-of-COUNT</c>.</summary>
internal static class StagedReport
{
    private const string ArtifactType = "application/vnd.pipeline.share.v1";
    private const string ConfigurationType = "application/vnd.pipeline.share.v1+json";

    /// <summary>The only layer, as some registries want one.</summary>
    public static ReadOnlySpan<byte> Nothing => ReleaseManifest.Empty;

    public static string Tag(string run, ShareReport report) => string.Create(CultureInfo.InvariantCulture, $"{run}.share-{report.Index:0000}-of-{report.Count:0000}");

    public static bool IsTag(string run, string tag) =>
        tag.StartsWith(run + ".share-", StringComparison.Ordinal) && tag[(run.Length + ".share-".Length)..].Split("-of-") is [var index, var count] && index.All(char.IsAsciiDigit) && count.All(char.IsAsciiDigit);

    public static byte[] WriteManifest(string run, byte[] report) => Artifacts.Write(
        ArtifactType, run, new(ConfigurationType, Digest.Sha256(report).Text, report.Length), [new(ReleaseManifest.EmptyType, Digest.Sha256(Nothing).Text, Nothing.Length)]);

    public static Digest? ReadManifest(byte[] manifest) => Artifacts.ConfigurationOf(manifest, ArtifactType);
}

/// <summary>Manifests of what is staged.</summary>
internal static class Artifacts
{
    /// <summary>Says the run, so that no two runs have one manifest: deleting it takes all its tags.</summary>
    private const string RunKey = "io.pipeline.run";

    public static byte[] Write(string artifactType, string run, LayerDocument configuration, LayerDocument[] layers) => JsonSerializer.SerializeToUtf8Bytes(
        new ManifestDocument(2, MediaTypes.OciManifest, artifactType, configuration, layers, new(StringComparer.Ordinal) { [RunKey] = run }), ManifestContext.Default.ManifestDocument);

    public static Digest? ConfigurationOf(byte[] manifest, string artifactType)
    {
        try
        {
            var document = JsonSerializer.Deserialize(manifest, ManifestContext.Default.ManifestDocument);
            return document?.ArtifactType == artifactType && Digest.TryParse(document.Config.Digest, out var digest) ? digest : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
