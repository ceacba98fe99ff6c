using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Units;
using Pipeline.Oci.Documents;
using Pipeline.Oci.Platforms;

namespace Pipeline.Oci.Sources;

/// <summary>One image of a source, with all that its documents say.</summary>
/// <param name="Platform">Of the index entry; of the configuration where the entry does not say; null where neither does.</param>
internal sealed record Candidate(Platform? Platform, bool IsFromIndex, Digest ManifestDigest, Manifest Manifest, ImageConfig Config);

/// <summary>Follows indexes to images: shared/spec "multi-arch", selection procedure. One for each question.</summary>
internal sealed class ImageSelector(IDocumentSource source)
{
    private const int MaxNesting = 4;
    private const int MaxImages = 256;

    /// <summary>The first image, in the order of <see cref="PlatformOrder"/>, that runs on the platform.</summary>
    public async Task<Result<PlatformImage>> SelectAsync(Platform asked, CancellationToken ct)
    {
        var root = await source.ReadRootAsync(ct);
        if (!root.IsOk)
            return Result<PlatformImage>.Failed(root.Diagnostics);
        var entries = await FlattenAsync(root.Value!, ct);
        if (!entries.IsOk)
            return Result<PlatformImage>.Failed(entries.Diagnostics);
        var wanted = PlatformOrder.Candidates(asked);
        var chosen = wanted.Select(w => entries.Value!.Find(e => e.Platform == w)).FirstOrDefault(e => e is not null)
            ?? (entries.Value is [{ IsRoot: true } only] ? only : null);
        if (chosen is null)
            return Fail<PlatformImage>(DocumentRules.PlatformNotOffered, source.Name, asked, Offered(entries.Value!));
        var candidate = await ReadAsync(chosen, ct);
        return candidate.IsOk
            ? Check(asked, wanted, root.Value!.Digest, candidate.Value!)
            : Result<PlatformImage>.Failed(candidate.Diagnostics);
    }

    /// <summary>Every image that is offered, in the order of the index.</summary>
    public async Task<Result<ImmutableArray<Candidate>>> ReadAllAsync(CancellationToken ct)
    {
        var root = await source.ReadRootAsync(ct);
        var entries = root.IsOk ? await FlattenAsync(root.Value!, ct) : Result<List<Entry>>.Failed(root.Diagnostics);
        if (!entries.IsOk)
            return Result<ImmutableArray<Candidate>>.Failed(entries.Diagnostics);
        var images = ImmutableArray.CreateBuilder<Candidate>();
        foreach (var entry in entries.Value!)
        {
            var image = await ReadAsync(entry, ct);
            if (!image.IsOk)
                return Result<ImmutableArray<Candidate>>.Failed(image.Diagnostics);
            images.Add(image.Value!);
        }
        return images.ToImmutable();
    }

    private async Task<Result<List<Entry>>> FlattenAsync(RootDocument root, CancellationToken ct)
    {
        var found = new List<Entry>();
        if (root.Document is Manifest manifest)
            return (List<Entry>)[new Entry(null, root.Digest, null, manifest, IsRoot: true)];
        var wrong = await FlattenAsync((ImageIndex)root.Document, 1, found, ct);
        return wrong.IsEmpty ? found : Result<List<Entry>>.Failed(wrong);
    }

    private async Task<ImmutableArray<Diagnostic>> FlattenAsync(ImageIndex index, int depth, List<Entry> found, CancellationToken ct)
    {
        foreach (var entry in index.Entries.Where(e => !e.IsAttestation))
        {
            var type = entry.Descriptor.MediaType;
            if (MediaTypes.IsIndex(type))
            {
                if (depth >= MaxNesting)
                    return [Diagnostic.Create(DocumentRules.TooDeep, source.Span, source.Name, MaxNesting)];
                var inner = await ReadImageAsync(entry.Descriptor, ct);
                var wrong = inner is { IsOk: true, Value: ImageIndex next } ? await FlattenAsync(next, depth + 1, found, ct) : inner.Diagnostics;
                if (!wrong.IsEmpty)
                    return wrong;
            }
            else if ((MediaTypes.IsManifest(type) || type.Length == 0) && found.Count < MaxImages)
            {
                found.Add(await PlaceAsync(entry, ct));
            }
        }
        return [];
    }

    /// <summary>An entry that does not say its platform is asked for its configuration.</summary>
    private async Task<Entry> PlaceAsync(IndexEntry entry, CancellationToken ct)
    {
        var placed = new Entry(entry.Platform, entry.Descriptor.Digest, entry.Descriptor, null, IsRoot: false);
        if (entry.Platform is not null)
            return placed;
        var read = await ReadAsync(placed, ct);
        return read.IsOk ? placed with { Platform = read.Value!.Platform } : placed;
    }

    private async Task<Result<Candidate>> ReadAsync(Entry entry, CancellationToken ct)
    {
        var manifest = entry.Manifest;
        if (manifest is null)
        {
            var document = await ReadImageAsync(entry.Descriptor!, ct);
            if (!document.IsOk)
                return Result<Candidate>.Failed(document.Diagnostics);
            manifest = document.Value as Manifest;
            if (manifest is null)
                return Fail<Candidate>(DocumentRules.Malformed, source.Name, "index", "an entry that calls itself a manifest is an index");
        }
        if (manifest.Layers.FirstOrDefault(l => !MediaTypes.IsLayer(l.MediaType)) is { } odd)
            return Fail<Candidate>(DocumentRules.NotAFileSystem, source.Name, odd.MediaType);
        var json = await source.ReadDocumentAsync(manifest.Config, ct);
        if (!json.IsOk)
            return Result<Candidate>.Failed(json.Diagnostics);
        var config = DocumentReader.ReadConfig(source.Name, json.Value, source.Span);
        return config.IsOk
            ? new Candidate(entry.Platform ?? config.Value!.Platform, entry.Platform is not null, entry.Digest, manifest, config.Value!)
            : Result<Candidate>.Failed(config.Diagnostics);
    }

    private async Task<Result<ImageDocument>> ReadImageAsync(Descriptor descriptor, CancellationToken ct)
    {
        var json = await source.ReadDocumentAsync(descriptor, ct);
        return json.IsOk
            ? DocumentReader.ReadImage(source.Name, descriptor.MediaType, json.Value, source.Span)
            : Result<ImageDocument>.Failed(json.Diagnostics);
    }

    /// <summary>The configuration must agree; a variant that it leaves out is taken from the index entry or from what was asked.</summary>
    private Result<PlatformImage> Check(Platform asked, ImmutableArray<Platform> wanted, Digest look, Candidate image)
    {
        var (manifest, config) = (image.Manifest, image.Config);
        if (manifest.Layers.Length != config.DiffIds.Length)
            return Fail<PlatformImage>(DocumentRules.LayerCount, source.Name, manifest.Layers.Length, config.DiffIds.Length);
        if (manifest.Layers.IsEmpty)
            return Fail<PlatformImage>(DocumentRules.NotAFileSystem, source.Name, "no layer at all");
        if (config.Platform is { } said && !Agrees(said, config.HasVariant, wanted))
            return Fail<PlatformImage>(DocumentRules.WrongPlatform, source.Name, said, asked);
        var platform = image.IsFromIndex ? image.Platform! : config is { HasVariant: true, Platform: not null } ? config.Platform : asked;
        var result = new PlatformImage(
            platform, look, image.ManifestDigest, manifest.Config.Digest, manifest.Layers, config.DiffIds, config.Labels, config.Created)
        {
            Process = config.Process,
            Annotations = manifest.Annotations,
        };
        return config.Platform is not null ? result
            : new Result<PlatformImage>(result, [Diagnostic.Create(DocumentRules.PlatformUnsaid, source.Span, source.Name, platform)]);
    }

    private static bool Agrees(Platform said, bool hasVariant, ImmutableArray<Platform> wanted) => hasVariant
        ? wanted.Contains(said)
        : wanted.Any(w => w.Os == said.Os && w.Architecture == said.Architecture);

    private static string Offered(List<Entry> entries) => entries.Count == 0
        ? "nothing"
        : string.Join(", ", entries.Select(e => e.Platform?.ToString() ?? "an unnamed platform").Distinct());

    private Result<T> Fail<T>(Rule rule, params ReadOnlySpan<object?> arguments) =>
        Result<T>.Failed(Diagnostic.Create(rule, source.Span, arguments));

    /// <param name="Manifest">Read already where it is the root.</param>
    private sealed record Entry(Platform? Platform, Digest Digest, Descriptor? Descriptor, Manifest? Manifest, bool IsRoot);
}
