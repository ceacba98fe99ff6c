using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using Pipeline.Core.Reporting;
using Pipeline.Engine.Building;
using Pipeline.Engine.Inventories;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Planning;
using Pipeline.Engine.Publishing.Directories;
using Pipeline.Engine.Resolving;
using Pipeline.Oci.Documents;
using Pipeline.Oci.Registry;

namespace Pipeline.Engine.Reconciling.Shares;

/// <summary>
/// A repository of a registry where shares bring their work, for machines that see no common file system. Each image that a
/// share finished is an artifact with a tag of its own (<see cref="StagedPart"/>), which appears when all its files are there.
/// </summary>
/// <param name="open">Opens the repository; called when it is first needed.</param>
public sealed class StageRegistry(Func<ArtifactRepository> open, StagePlace place, IReporter reporter) : IStage
{
    private readonly Lazy<ArtifactRepository> _repository = new(open);
    private readonly ConcurrentDictionary<string, Task<ImmutableArray<StagedPart>>> _parts = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _added = new(StringComparer.Ordinal);
    private readonly Lock _listing = new();
    private Task<ImmutableArray<string>>? _listed;

    public string Place => $"oci://{place.Repository}:{place.Run}";

    public string LocationOf(string image) => Place;

    public async Task KeepAsync(ImageManifest image, ImmutableArray<Artifact> built, CancellationToken ct)
    {
        var part = StagedPart.Of(image, built);
        foreach (var file in built.SelectMany(a => a.Files))
            await PushAsync(file.Name, BlobBytes.OfFile(file.Path, file.Sha256!, file.Size.Bytes), ct);
        foreach (var artifact in built.Where(a => a.Inventory is not null))
            await PushAsync(BuiltRecord.PackagesName(artifact.Target), BlobBytes.Of(InventoryJson.Write(artifact.Inventory!)), ct);
        var record = part.WriteRecord();
        await PushAsync("record", BlobBytes.Of(record), ct);
        var tag = part.Tag(place.Run);
        await _repository.Value.PutManifestAsync(tag, part.WriteManifest(place.Run, record), MediaTypes.OciManifest, ct);
        _added[tag] = true;
        _parts.TryRemove(image.Name, out _);
    }

    public async Task<PublishedTarget?> FindAsync(Target target, CancellationToken ct)
    {
        var parts = await _parts.GetOrAdd(target.Image.Name, image => ReadPartsAsync(image, ct));
        return parts.Select(p => p.Record.Targets.GetValueOrDefault(target.Id))
            .FirstOrDefault(b => b is not null && !Planner.Differences(b.Inputs.Deciding, target.Inputs!.Deciding).Any());
    }

    /// <summary>A registry keeps what its manifests name.</summary>
    public bool IsWhole(string image, PublishedTarget built) => true;

    public async Task CopyAsync(string image, ReleaseFile file, string to, CancellationToken ct)
    {
        using var activity = reporter.Begin($"fetch {file.Name}", file.Size.Bytes);
        await using var blob = await _repository.Value.OpenBlobAsync(file.Sha256, file.Size.Bytes, ct);
        await SparseCopy.CopyAsync(blob, to, file.Sha256, ct);
        activity.Advance(file.Size.Bytes);
    }

    public async Task<SourceInventory?> ReadInventoryAsync(string image, PublishedTarget target, CancellationToken ct)
    {
        if (target.Packages is not { } packages || packages.Size.Bytes > InventoryJson.LimitBytes)
            return null;
        var json = await _repository.Value.ReadBlobAsync(packages.Sha256, InventoryJson.LimitBytes, ct);
        return InventoryJson.TryRead(json, out var inventory, out _) ? inventory : null;
    }

    public async Task WriteAsync(ShareReport report, CancellationToken ct)
    {
        var json = report.Write();
        await PushAsync("report", BlobBytes.Of(json), ct);
        await PushAsync("nothing", BlobBytes.Of(StagedReport.Nothing.ToArray()), ct);
        await _repository.Value.PutManifestAsync(StagedReport.Tag(place.Run, report), StagedReport.WriteManifest(place.Run, json), MediaTypes.OciManifest, ct);
    }

    public async Task<ImmutableArray<ShareReport>> ReadReportsAsync(CancellationToken ct)
    {
        var reports = ImmutableArray.CreateBuilder<ShareReport>();
        foreach (var tag in (await TagsAsync(ct)).Where(t => StagedReport.IsTag(place.Run, t)))
        {
            if (await _repository.Value.FindManifestAsync(tag, ct) is { } manifest && StagedReport.ReadManifest(manifest) is { } digest
                && ShareReport.Read(await _repository.Value.ReadBlobAsync(digest, ShareReport.LimitBytes, ct)) is { } report)
            {
                reports.Add(report);
            }
        }
        return reports.ToImmutable();
    }

    /// <summary>A failure here costs only space: the next run writes over what is left.</summary>
    public async Task ClearAsync(ReconcileOutcome outcome, CancellationToken ct)
    {
        var released = outcome.Images.Where(i => i.Result is ImageResult.Released or ImageResult.ReleasedElsewhere or ImageResult.Current).Select(i => i.Image).ToList();
        var tags = (await TagsAsync(ct)).Where(t => t.StartsWith(place.Run + ".", StringComparison.Ordinal)
            && (outcome.Status == ReconcileStatus.Done || released.Any(i => StagedPart.IsTag(place.Run, i, t)))).ToList();
        try
        {
            foreach (var tag in tags)
            {
                if (await _repository.Value.HeadAsync(tag, ct) is { } digest && !await _repository.Value.DeleteAsync(digest, ct))
                {
                    reporter.Announce($"{place.Repository} lets nothing be deleted: {tags.Count.ToString(CultureInfo.InvariantCulture)} tags that begin with '{place.Run}.' stay there");
                    return;
                }
            }
        }
        catch (Exception e) when (Outside.IsToBlame(e, ct))
        {
            reporter.Announce($"what was released is still staged in {place.Repository}: {Outside.Describe(e)}");
        }
    }

    private async Task<ImmutableArray<StagedPart>> ReadPartsAsync(string image, CancellationToken ct)
    {
        var parts = ImmutableArray.CreateBuilder<StagedPart>();
        foreach (var tag in (await TagsAsync(ct)).Where(t => StagedPart.IsTag(place.Run, image, t)))
        {
            if (await _repository.Value.FindManifestAsync(tag, ct) is { } manifest && StagedPart.RecordOf(manifest) is { } digest
                && StagedPart.Read(await _repository.Value.ReadBlobAsync(digest, Publishing.ReleaseRecordJson.LimitBytes, ct)) is { } part && part.Record.Image == image)
            {
                parts.Add(part);
            }
        }
        return parts.ToImmutable();
    }

    /// <summary>In order; listed once, as a run adds only its own.</summary>
    private async Task<IReadOnlyList<string>> TagsAsync(CancellationToken ct)
    {
        Task<ImmutableArray<string>> listed;
        lock (_listing)
            listed = _listed ??= _repository.Value.TagsAsync(ct);
        return [.. (await listed).Union(_added.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }

    private async Task PushAsync(string label, BlobBytes blob, CancellationToken ct)
    {
        using var activity = reporter.Begin($"stage {label}", blob.SizeBytes);
        await blob.PushToAsync(_repository.Value, count => activity.Advance(count), ct);
    }
}
