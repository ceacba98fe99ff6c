using System.Collections.Immutable;
using Pipeline.Core.Units;
using Pipeline.Engine.Building;
using Pipeline.Engine.Inventories;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Planning;
using Pipeline.Engine.Publishing;
using Pipeline.Engine.Publishing.Directories;

namespace Pipeline.Engine.Reconciling;

/// <summary>
/// A directory of images that were built and not released: <c>DIR/IMAGE/</c> with the files, <c>SHA256SUMS</c>, and
/// <c>inputs.json</c> in the form of a release's, which says what each file was made from.
/// </summary>
/// <param name="rootPath">Absolute; made when needed.</param>
public sealed class BuiltImages(string rootPath) : IBuiltImages
{
    /// <summary>Stands where a release has its version.</summary>
    public const string Version = "unreleased";

    public string DirectoryOf(string image) => Path.Combine(rootPath, image);

    public string LocationOf(string image) => DirectoryOf(image);

    /// <summary>
    /// Moves finished files in. The record is gone before the first file changes and comes last, so that an interruption
    /// leaves files without a record, never a record that is wrong.
    /// </summary>
    public async Task KeepAsync(ImageManifest image, ImmutableArray<Artifact> built, CancellationToken ct)
    {
        var directory = Directory.CreateDirectory(DirectoryOf(image.Name)).FullName;
        var old = await ReadAsync(image.Name, ct);
        File.Delete(Path.Combine(directory, ReleaseDocuments.Inputs));
        foreach (var file in built.SelectMany(a => a.Files))
            File.Move(file.Path, Path.Combine(directory, file.Name), overwrite: true);
        foreach (var artifact in built.Where(a => a.Inventory is not null))
            await WriteAsync(Path.Combine(directory, BuiltRecord.PackagesName(artifact.Target)), InventoryJson.Write(artifact.Inventory!), ct);
        var targets = (old?.Targets ?? ImmutableSortedDictionary.Create<string, PublishedTarget>(StringComparer.Ordinal))
            .Where(t => t.Value.Files.All(f => File.Exists(Path.Combine(directory, f.Name))))
            .ToImmutableSortedDictionary(t => t.Key, t => t.Value, StringComparer.Ordinal)
            .SetItems(built.Select(a => KeyValuePair.Create(a.Target.Id, BuiltRecord.Of(a))));
        var record = ReleaseRecordJson.Write(new(image.Name, Version, null, null, image.Labels, targets));
        var files = targets.Values.SelectMany(t => t.Packages is { } packages ? t.Files.Add(packages) : t.Files).DistinctBy(f => f.Name, StringComparer.Ordinal);
        var sums = Sha256Sums.Write([.. files.Select(f => (f.Name, f.Sha256)), (ReleaseDocuments.Inputs, Digest.Sha256(record))]);
        await WriteAsync(Path.Combine(directory, ReleaseDocuments.Checksums), sums, ct);
        await WriteAsync(Path.Combine(directory, ReleaseDocuments.Inputs), record, ct);
    }

    /// <summary>What was built of an image; null where there is nothing that can be read.</summary>
    public async Task<ReleaseRecord?> ReadAsync(string image, CancellationToken ct)
    {
        var file = new FileInfo(Path.Combine(DirectoryOf(image), ReleaseDocuments.Inputs));
        if (!file.Exists || file.Length > ReleaseRecordJson.LimitBytes)
            return null;
        var json = await File.ReadAllBytesAsync(file.FullName, ct);
        return ReleaseRecordJson.TryRead(json, out var record, out _) ? record : null;
    }

    public async Task<PublishedTarget?> FindAsync(Target target, CancellationToken ct) =>
        (await ReadAsync(target.Image.Name, ct))?.Targets.GetValueOrDefault(target.Id) is { } built && !Planner.Differences(built.Inputs.Deciding, target.Inputs!.Deciding).Any()
            ? built
            : null;

    public bool IsWhole(string image, PublishedTarget built) =>
        built.Files.All(f => new FileInfo(Path.Combine(DirectoryOf(image), f.Name)) is { Exists: true } file && file.Length == f.Size.Bytes);

    public Task CopyAsync(string image, ReleaseFile file, string to, CancellationToken ct) =>
        SparseCopy.CopyAsync(Path.Combine(DirectoryOf(image), file.Name), to, file.Sha256, ct);

    public async Task<SourceInventory?> ReadInventoryAsync(string image, PublishedTarget target, CancellationToken ct)
    {
        if (target.Packages is not { } packages || !ReleaseNames.IsValid(packages.Name) || packages.Size.Bytes > InventoryJson.LimitBytes)
            return null;
        var file = new FileInfo(Path.Combine(DirectoryOf(image), packages.Name));
        if (!file.Exists || file.Length != packages.Size.Bytes)
            return null;
        var json = await File.ReadAllBytesAsync(file.FullName, ct);
        return Digest.Sha256(json) == packages.Sha256 && InventoryJson.TryRead(json, out var inventory, out _) ? inventory : null;
    }

    private static async Task WriteAsync(string path, byte[] content, CancellationToken ct)
    {
        var partial = path + ".partial";
        await File.WriteAllBytesAsync(partial, content, ct);
        File.Move(partial, path, overwrite: true);
    }
}
