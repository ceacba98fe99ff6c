using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Reporting;
using Pipeline.Core.Units;
using Pipeline.Engine.Planning;
using Pipeline.Engine.Publishing.Reading;
using Pipeline.Oci.Documents;
using Pipeline.Oci.Registry;

namespace Pipeline.Engine.Publishing.Registries;

/// <summary>
/// The release store that is a registry: <c>PLACE/IMAGE</c> with a tag for each version and <c>latest</c>. A release
/// appears with its manifest, when all its files are there; files without one are invisible and end up in the
/// registry's garbage.
/// </summary>
/// <param name="open">Opens a repository by name.</param>
/// <param name="place"><c>HOST[:PORT]/PATH</c>.</param>
/// <param name="cacheDirectory">Absolute; manifests and records are kept there by digest.</param>
public sealed partial class RegistryReleases(Func<string, Result<ArtifactRepository>> open, string place, string cacheDirectory, IReporter reporter) : IReleaseHost, IReleaseReader
{
    internal const string LatestTag = "latest";
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _locks = new(StringComparer.Ordinal);

    /// <summary>Names the day of a release; nothing else.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Called before each step that changes the store, with its name; tests interrupt there.</summary>
    internal Action<string> Checkpoint { get; init; } = _ => { };

    internal IReporter Reporter => reporter;

    public async Task<ImmutableSortedDictionary<string, PublishedRelease>> ObserveAsync(IReadOnlyCollection<string> images, CancellationToken ct)
    {
        var found = new ConcurrentDictionary<string, PublishedRelease>(StringComparer.Ordinal);
        await Parallel.ForEachAsync(images, new ParallelOptions { MaxDegreeOfParallelism = 6, CancellationToken = ct }, async (image, token) =>
        {
            var repository = Repository(image);
            if (await VersionsAsync(repository, token) is { IsEmpty: false } versions)
                found[image] = await ReadAsync(repository, image, versions.Max, token);
        });
        return found.ToImmutableSortedDictionary(StringComparer.Ordinal);
    }

    public async Task<IReleaseFiles?> FindAsync(string image, string? version, CancellationToken ct)
    {
        var repository = Repository(image);
        var tag = version ?? LatestTag;
        return await repository.FindManifestAsync(tag, ct) is { } bytes && ReleaseManifest.Read(bytes).Manifest is { } manifest
            ? new RegistryFiles(repository, $"{repository.Name}:{manifest.Version}", manifest)
            : null;
    }

    public async Task<ImmutableArray<ReleaseVersion>> ListAsync(string image, CancellationToken ct)
    {
        var repository = Repository(image);
        var versions = await VersionsAsync(repository, ct);
        if (versions.IsEmpty)
            return [];
        var latest = await repository.FindManifestAsync(LatestTag, ct) is { } bytes && ReleaseVersion.TryParse(ReleaseManifest.Read(bytes).Manifest?.Version ?? "", out var named) ? named : versions.Max;
        return [.. versions.Reverse().Where(v => v <= latest)];
    }

    public async Task RecoverAsync(IReadOnlyCollection<string> images, CancellationToken ct)
    {
        foreach (var image in images)
        {
            try
            {
                await FinishAsync(Repository(image), ct);
            }
            catch (Exception e) when (e is HttpRequestException or RegistryRefusedException or ReleaseRefusedException)
            {
                // What fails here fails again, and is told, when the image is released.
            }
        }
    }

    public async Task<IReleaseDraft> OpenAsync(string image, CancellationToken ct)
    {
        var repository = Repository(image);
        var held = _locks.GetOrAdd(image, _ => new SemaphoreSlim(1));
        await held.WaitAsync(ct);
        try
        {
            await FinishAsync(repository, ct);
            var versions = await VersionsAsync(repository, ct);
            var previous = versions.IsEmpty ? null : await ReadAsync(repository, image, versions.Max, ct);
            var version = ReleaseVersion.Next(DateOnly.FromDateTime(Clock.GetUtcNow().UtcDateTime), versions);
            return new RegistryDraft(this, repository, new(image, version), held) { Previous = previous, TakenVersions = versions };
        }
        catch
        {
            held.Release();
            throw;
        }
    }

    public async Task<ImmutableArray<string>> PruneAsync(string image, int keep, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(keep, 1);
        var repository = Repository(image);
        var versions = await VersionsAsync(repository, ct);
        if (versions.Count <= keep)
            return [];
        var pointedAt = await repository.HeadAsync(LatestTag, ct);
        var gone = ImmutableArray.CreateBuilder<string>();
        foreach (var version in versions.Reverse().Skip(keep))
        {
            if (await repository.HeadAsync(version.ToString(), ct) is not { } digest || digest == pointedAt)
                continue;
            var referrers = new ReleaseReferrers(repository, Checkpoint);
            var attached = await referrers.ListAsync(digest, ct);
            Checkpoint("delete");
            if (!await repository.DeleteAsync(digest, ct))
                throw ReleaseRefusedException.Because(RegistryHostRules.NoDeletion, repository.Name);
            await referrers.DeleteAsync(digest, attached, ct);
            gone.Add(version.ToString());
        }
        return gone.ToImmutable();
    }

    internal static async Task<ImmutableSortedSet<ReleaseVersion>> VersionsAsync(ArtifactRepository repository, CancellationToken ct)
    {
        var versions = ImmutableSortedSet.CreateBuilder<ReleaseVersion>();
        foreach (var tag in await repository.TagsAsync(ct))
        {
            if (ReleaseVersion.TryParse(tag, out var version))
                versions.Add(version);
        }
        return versions.ToImmutable();
    }

    internal async Task<PublishedRelease> ReadAsync(ArtifactRepository repository, string image, ReleaseVersion version, CancellationToken ct)
    {
        var release = new Release(image, version.ToString(), $"{repository.Name}:{version}");
        var (manifest, record, problem) = await ReadRecordAsync(repository, release, ct);
        if (record is null)
            return new(release, null, [Diagnostic.Create(PublishingRules.UnreadableRecord, null, version, image, problem)]);
        var targets = record.Targets.SetItems(record.Targets.Select(t => KeyValuePair.Create(t.Key, t.Value with
        {
            Lost = [.. t.Value.Files.Where(f => !f.IsSameAs(manifest![f.Name])).Select(f => f.Name)],
        })));
        return new(release, record with { Targets = targets }, []);
    }

    private async Task<(ReleaseManifest? Manifest, ReleaseRecord? Record, string? Problem)> ReadRecordAsync(ArtifactRepository repository, Release release, CancellationToken ct)
    {
        var digest = await repository.HeadAsync(release.Version, ct);
        var bytes = digest is null ? null : await CachedAsync(digest, () => repository.FindManifestAsync(digest.Text, ct), ct);
        if (bytes is null)
            return (null, null, "its tag was deleted meanwhile");
        var (manifest, problem) = ReleaseManifest.Read(bytes);
        if (manifest?[ReleaseDocuments.Inputs] is not { } inputs)
            return (manifest, null, problem ?? $"there is no {ReleaseDocuments.Inputs}");
        var json = await CachedAsync(inputs.Sha256, async () => await repository.ReadBlobAsync(inputs.Sha256, ReleaseRecordJson.LimitBytes, ct), ct);
        if (!ReleaseRecordJson.TryRead(json, out var record, out problem))
            return (manifest, null, problem);
        return record.Image == release.Image && record.Version == release.Version ? (manifest, record, null) : (manifest, null, $"it is of {record.Image} {record.Version}");
    }

    private async Task<byte[]?> CachedAsync(Digest digest, Func<Task<byte[]?>> fetch, CancellationToken ct)
    {
        var path = Path.Combine(cacheDirectory, digest.Hex);
        try
        {
            if (File.Exists(path) && await File.ReadAllBytesAsync(path, ct) is var cached && Digest.Sha256(cached) == digest)
                return cached;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
        var bytes = await fetch();
        if (bytes is not null)
            await PrivateFile.WriteAsync(path, bytes, ct);
        return bytes;
    }

    /// <summary>
    /// A publisher died between its two tags: <c>latest</c> is a whole release that lacks its own tag, and gets it. Where two
    /// met, <c>latest</c> follows the version.
    /// </summary>
    private async Task FinishAsync(ArtifactRepository repository, CancellationToken ct)
    {
        if (await repository.HeadAsync(LatestTag, ct) is not { } latest
            || await CachedAsync(latest, () => repository.FindManifestAsync(latest.Text, ct), ct) is not { } bytes
            || ReleaseManifest.Read(bytes).Manifest is not { } manifest
            || !ReleaseVersion.TryParse(manifest.Version, out _))
        {
            return;
        }
        var tagged = await repository.HeadAsync(manifest.Version, ct);
        if (tagged == latest)
            return;
        Checkpoint("finish");
        if (tagged is null)
            await repository.PutManifestAsync(manifest.Version, bytes, MediaTypes.OciManifest, ct);
        else if (await repository.FindManifestAsync(tagged.Text, ct) is { } other)
            await repository.PutManifestAsync(LatestTag, other, MediaTypes.OciManifest, ct);
    }

    private ArtifactRepository Repository(string image)
    {
        if (!Name().IsMatch(image))
            throw ReleaseRefusedException.Because(RegistryHostRules.ImageName, image);
        var opened = open($"{place}/{image}");
        return opened is { IsOk: true, Value: { } repository } ? repository : throw new ReleaseRefusedException(opened.Diagnostics[0]);
    }

    [GeneratedRegex(@"\A[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Name();
}
