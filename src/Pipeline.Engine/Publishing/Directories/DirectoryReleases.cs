using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Planning;
using Pipeline.Engine.Publishing.Reading;

namespace Pipeline.Engine.Publishing.Directories;

/// <summary>
/// The release store that is a directory: <c>ROOT/IMAGE/VERSION/</c>, and <c>ROOT/IMAGE/latest</c> pointing at one of
/// them. Readers need no lock: a version directory is whole from the moment it has its name. README.md says how.
/// </summary>
/// <param name="rootPath">Absolute; made when first needed.</param>
/// <param name="clock">Names the day of a release; nothing else.</param>
public sealed class DirectoryReleases(string rootPath, TimeProvider clock) : IReleaseHost, IReleaseReader
{
    /// <summary>How long to wait for another publisher of the same image; copying a large image to another disk takes minutes.</summary>
    public TimeSpan LockPatience { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Called before each step that changes the store, with its name; tests interrupt there.</summary>
    internal Action<string> Checkpoint { get; init; } = _ => { };

    public async Task<ImmutableSortedDictionary<string, PublishedRelease>> ObserveAsync(
        IReadOnlyCollection<string> images, CancellationToken ct)
    {
        var found = ImmutableSortedDictionary.CreateBuilder<string, PublishedRelease>(StringComparer.Ordinal);
        foreach (var image in images)
        {
            ct.ThrowIfCancellationRequested();
            if (await ReadNewestAsync(Shelf(image), image, ct) is { } release)
                found[image] = release;
        }
        return found.ToImmutable();
    }

    public Task<IReleaseFiles?> FindAsync(string image, string? version, CancellationToken ct)
    {
        var shelf = Shelf(image);
        var wanted = version is null ? shelf.PointedAt() ?? shelf.Versions().Select(v => (ReleaseVersion?)v).FirstOrDefault()
            : ReleaseVersion.TryParse(version, out var named) ? named
            : null;
        // By its own name: 'latest' may move on to the next release while this one is read.
        var directory = wanted is { } found ? shelf.Release(found) : null;
        return Task.FromResult<IReleaseFiles?>(Directory.Exists(directory) ? new LocalFiles(directory) : null);
    }

    public Task<ImmutableArray<ReleaseVersion>> ListAsync(string image, CancellationToken ct)
    {
        var shelf = Shelf(image);
        var latest = shelf.PointedAt();
        return Task.FromResult<ImmutableArray<ReleaseVersion>>([.. shelf.Versions().Where(v => latest is null || v <= latest)]);
    }

    public Task RecoverAsync(IReadOnlyCollection<string> images, CancellationToken ct)
    {
        foreach (var shelf in images.Select(Shelf).Where(s => s.HasLeftovers()))
        {
            ct.ThrowIfCancellationRequested();
            // Held means that somebody is publishing: what looks like a leftover is their work.
            try
            {
                using var held = ReleaseLock.TryAcquire(shelf.LockFile);
                if (held is not null)
                    Recover(shelf);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
            }
        }
        return Task.CompletedTask;
    }

    public async Task<IReleaseDraft> OpenAsync(string image, CancellationToken ct)
    {
        var shelf = Shelf(image);
        if (!Directory.Exists(shelf.Path))
        {
            Directory.CreateDirectory(shelf.Path);
            PosixFiles.SyncDirectory(rootPath);
        }
        var held = await ReleaseLock.AcquireAsync(shelf.LockFile, LockPatience, ct);
        try
        {
            Recover(shelf);
            var previous = await ReadNewestAsync(shelf, image, ct);
            var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
            var version = ReleaseVersion.Next(today, shelf.Versions());
            Step("stage");
            Directory.CreateDirectory(shelf.Staging(version));
            return new DirectoryDraft(shelf, image, version, held) { Previous = previous, Checkpoint = Checkpoint };
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    public async Task<ImmutableArray<string>> PruneAsync(string image, int keep, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(keep, 1);
        var shelf = Shelf(image);
        if (shelf.Versions().Count <= keep)
            return [];
        using var held = await ReleaseLock.AcquireAsync(shelf.LockFile, LockPatience, ct);
        Recover(shelf);
        var pointedAt = shelf.PointedAt();
        var doomed = shelf.Versions().Skip(keep).Where(v => v != pointedAt).ToList();
        foreach (var version in doomed)
        {
            ct.ThrowIfCancellationRequested();
            // First out of sight at once: nobody may meet a release that has lost half of its files.
            Step("discard");
            PosixFiles.Rename(shelf.Release(version), shelf.Trash(version));
            Step("delete");
            Directory.Delete(shelf.Trash(version), recursive: true);
        }
        return [.. doomed.Select(v => v.ToString())];
    }

    private void Recover(ImageShelf shelf)
    {
        FinishPointer(shelf);
        foreach (var leftover in shelf.Leftovers().ToList())
        {
            Step("clean");
            Directory.Delete(leftover, recursive: true);
        }
    }

    /// <summary>A publisher died around the rename: if its version came to be, the pointer follows; if not, the intention is void.</summary>
    private void FinishPointer(ImageShelf shelf)
    {
        var target = new FileInfo(shelf.NextLatest).LinkTarget;
        if (target is not null)
        {
            Step("finish pointer");
            if (Directory.Exists(shelf.Child(target)))
                PosixFiles.Rename(shelf.NextLatest, shelf.Latest);
            else
                File.Delete(shelf.NextLatest);
        }
        if (!shelf.LacksPointer())
            return;
        Step("restore pointer");
        File.CreateSymbolicLink(shelf.NextLatest, shelf.Versions()[0].ToString());
        PosixFiles.Rename(shelf.NextLatest, shelf.Latest);
    }

    private static async Task<PublishedRelease?> ReadNewestAsync(ImageShelf shelf, string image, CancellationToken ct)
    {
        if (shelf.Versions() is not [var newest, ..])
            return null;
        var directory = shelf.Release(newest);
        var release = new Release(image, newest.ToString(), directory);
        var (record, problem) = await ReadRecordAsync(Path.Combine(directory, ReleaseDocuments.Inputs), ct);
        if (record is null)
        {
            var diagnostic = Diagnostic.Create(PublishingRules.UnreadableRecord, null, newest, image, problem);
            return new(release, null, [diagnostic]);
        }
        var targets = record.Targets.SetItems(
            record.Targets.Select(t => KeyValuePair.Create(t.Key, t.Value with { Lost = LostFiles(directory, t.Value) })));
        return new(release, record with { Targets = targets }, []);
    }

    /// <summary>One record that cannot be read must not keep the other images from being planned.</summary>
    private static async Task<(ReleaseRecord? Record, string? Problem)> ReadRecordAsync(string path, CancellationToken ct)
    {
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists)
                return (null, $"there is no {ReleaseDocuments.Inputs}");
            if (file.Length > ReleaseRecordJson.LimitBytes)
                return (null, $"it is longer than {ReleaseRecordJson.LimitBytes} bytes");
            var json = await File.ReadAllBytesAsync(path, ct);
            return ReleaseRecordJson.TryRead(json, out var record, out var problem) ? (record, null) : (null, problem);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (null, e.Message.TrimEnd('.'));
        }
    }

    private static ImmutableArray<string> LostFiles(string directory, PublishedTarget target) =>
    [
        .. from file in target.Files
           let found = new FileInfo(Path.Combine(directory, file.Name))
           where !found.Exists || found.Length != file.Size.Bytes
           select file.Name,
    ];

    private void Step(string name) => Checkpoint(name);

    private ImageShelf Shelf(string image)
    {
        if (image is "" || image[0] == '.' || image.Contains('/', StringComparison.Ordinal))
            throw new ArgumentException($"'{image}' is not the name of an image");
        return new(Path.Combine(rootPath, image));
    }
}
