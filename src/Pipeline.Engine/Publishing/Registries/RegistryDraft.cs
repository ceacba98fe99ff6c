using System.Collections.Immutable;
using Pipeline.Core.Units;
using Pipeline.Engine.Planning;
using Pipeline.Oci.Documents;
using Pipeline.Oci.Registry;

namespace Pipeline.Engine.Publishing.Registries;

/// <summary>A release whose files go to the registry one by one, and that nobody can see before its manifest is there.</summary>
internal sealed class RegistryDraft(RegistryReleases host, ArtifactRepository repository, RegistryDraft.Place place, SemaphoreSlim held) : IReleaseDraft
{
    private readonly List<ReleaseFile> _files = [];
    private string? _commit;

    public required PublishedRelease? Previous { get; init; }

    public required ImmutableSortedSet<ReleaseVersion> TakenVersions { get; init; }

    public string Version => place.Version.ToString();

    public async Task AddAsync(ReleaseFile file, string localPath, CancellationToken ct)
    {
        var length = new FileInfo(localPath).Length;
        if (length != file.Size.Bytes)
            throw new InvalidDataException($"{localPath} has {length} bytes, expected {file.Size.Bytes}");
        await PushAsync(Named(file), BlobBytes.OfFile(localPath, file.Sha256, length), ct);
    }

    public async Task CarryAsync(ReleaseFile file, CancellationToken ct)
    {
        if (Previous is null)
            throw new InvalidOperationException("there is no release to carry files over from");
        // The same repository: nothing is copied.
        if (!await repository.HasBlobAsync(file.Sha256, ct))
            throw new InvalidDataException($"{Previous.Release.Location} has lost {file.Name}");
        _files.Add(Named(file));
    }

    public async Task<byte[]?> ReadPreviousAsync(ReleaseFile file, int limitBytes, CancellationToken ct) =>
        Previous is null || file.Size.Bytes > limitBytes || !await repository.HasBlobAsync(file.Sha256, ct)
            ? null
            : await repository.ReadBlobAsync(file.Sha256, limitBytes, ct);

    public async Task WriteAsync(string name, ReadOnlyMemory<byte> content, CancellationToken ct)
    {
        var bytes = content.ToArray();
        var file = Named(new(name, new(bytes.Length), Digest.Sha256(bytes)));
        if (name == ReleaseDocuments.Inputs && ReleaseRecordJson.TryRead(bytes, out var record, out _))
            _commit = record.Commit;
        _files.RemoveAll(f => f.Name == name);
        await PushAsync(file, BlobBytes.Of(bytes), ct);
    }

    public async Task<Release> PublishAsync(CancellationToken ct)
    {
        await SendAsync(BlobBytes.Of(ReleaseManifest.Empty.ToArray()), "configuration", ct);
        var manifest = new ReleaseManifest(place.Image, Version, [.. _files.OrderBy(f => f.Name, StringComparer.Ordinal)], _commit).Write();
        var digest = Digest.Sha256(manifest);
        await CheckAsync(digest, ct);
        await new ReleaseReferrers(repository, host.Checkpoint).AttachAsync(new(digest, manifest.Length), _files, ct);
        // Whoever follows 'latest' has a whole release now; its own tag is what others compare with, and what counts.
        host.Checkpoint("latest");
        await repository.PutManifestAsync(RegistryReleases.LatestTag, manifest, MediaTypes.OciManifest, ct);
        host.Checkpoint("tag");
        await repository.PutManifestAsync(Version, manifest, MediaTypes.OciManifest, ct);
        await CheckAsync(digest, ct);
        return new(place.Image, Version, $"{repository.Name}:{Version}");
    }

    public ValueTask DisposeAsync()
    {
        held.Release();
        return ValueTask.CompletedTask;
    }

    /// <summary>A registry has no tag that only one can take: we look before and after. What is there is a whole release in any case.</summary>
    private async Task CheckAsync(Digest ours, CancellationToken ct)
    {
        var versions = await RegistryReleases.VersionsAsync(repository, ct);
        foreach (var other in versions.Except(TakenVersions))
        {
            if (other == place.Version && await repository.HeadAsync(Version, ct) == ours)
                continue;
            var manifest = await repository.FindManifestAsync(other.ToString(), ct);
            if (manifest is not null)
                await repository.PutManifestAsync(RegistryReleases.LatestTag, manifest, MediaTypes.OciManifest, ct);
            throw new OvertakenException(await host.ReadAsync(repository, place.Image, other, ct));
        }
    }

    private async Task PushAsync(ReleaseFile file, BlobBytes blob, CancellationToken ct)
    {
        host.Checkpoint("push " + file.Name);
        await SendAsync(blob, file.Name, ct);
        _files.Add(file);
    }

    private async Task SendAsync(BlobBytes blob, string label, CancellationToken ct)
    {
        using var activity = host.Reporter.Begin($"push {label}", blob.SizeBytes);
        await blob.PushToAsync(repository, count => activity.Advance(count), ct);
    }

    private static ReleaseFile Named(ReleaseFile file) =>
        ReleaseNames.IsValid(file.Name) ? file : throw new ArgumentException($"'{file.Name}' is not a release file's name");

    internal sealed record Place(string Image, ReleaseVersion Version);
}
