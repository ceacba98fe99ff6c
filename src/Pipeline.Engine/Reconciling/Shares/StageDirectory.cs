using System.Collections.Immutable;
using System.Globalization;
using Pipeline.Engine.Building;
using Pipeline.Engine.Inventories;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Planning;

namespace Pipeline.Engine.Reconciling.Shares;

/// <summary>A directory into which shares build, and out of which their work is released. What is released stays there.</summary>
/// <param name="rootPath">Absolute.</param>
public sealed class StageDirectory(string rootPath) : IStage
{
    private readonly BuiltImages _images = new(rootPath);

    public string Place => rootPath;

    public string LocationOf(string image) => _images.LocationOf(image);

    public Task KeepAsync(ImageManifest image, ImmutableArray<Artifact> built, CancellationToken ct) => _images.KeepAsync(image, built, ct);

    public Task<PublishedTarget?> FindAsync(Target target, CancellationToken ct) => _images.FindAsync(target, ct);

    public bool IsWhole(string image, PublishedTarget built) => _images.IsWhole(image, built);

    public Task CopyAsync(string image, ReleaseFile file, string to, CancellationToken ct) => _images.CopyAsync(image, file, to, ct);

    public Task<SourceInventory?> ReadInventoryAsync(string image, PublishedTarget target, CancellationToken ct) => _images.ReadInventoryAsync(image, target, ct);

    public async Task WriteAsync(ShareReport report, CancellationToken ct)
    {
        Directory.CreateDirectory(rootPath);
        var path = Path.Combine(rootPath, string.Create(CultureInfo.InvariantCulture, $"share-{report.Index:0000}-of-{report.Count:0000}.json"));
        await File.WriteAllBytesAsync(path + ".partial", report.Write(), ct);
        File.Move(path + ".partial", path, overwrite: true);
    }

    public async Task<ImmutableArray<ShareReport>> ReadReportsAsync(CancellationToken ct)
    {
        var reports = ImmutableArray.CreateBuilder<ShareReport>();
        foreach (var file in new DirectoryInfo(rootPath).EnumerateFiles("share-*-of-*.json").Where(f => f.Length <= ShareReport.LimitBytes).OrderBy(f => f.Name, StringComparer.Ordinal))
        {
            if (ShareReport.Read(await File.ReadAllBytesAsync(file.FullName, ct)) is { } report)
                reports.Add(report);
        }
        return reports.ToImmutable();
    }

    public Task ClearAsync(ReconcileOutcome outcome, CancellationToken ct) => Task.CompletedTask;
}
