using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Units;
using Pipeline.Engine.Planning;
using Pipeline.Engine.Publishing.GitHub.Api;

namespace Pipeline.Engine.Publishing.GitHub;

/// <summary>
/// The record of a published release: from its text where that has the digest of the file, from the cache, or downloaded
/// once. The file is the truth; nothing else is believed.
/// </summary>
internal sealed class RecordReader(string cacheDirectory)
{
    public async Task<PublishedRelease> ReadAsync(GitHubApi api, LineEntry entry, CancellationToken ct)
    {
        var (tag, found) = (entry.Tag, entry.Release);
        var release = new Release(tag.Image, tag.Version.ToString(), found.HtmlUrl);
        var assets = found.Assets.Where(a => a.State == GitHubAsset.Uploaded).DistinctBy(a => a.Name, StringComparer.Ordinal).ToDictionary(a => a.Name, StringComparer.Ordinal);
        var (record, problem) = await ReadRecordAsync(api, entry, assets, ct);
        if (record is null)
            return new(release, null, [Diagnostic.Create(PublishingRules.UnreadableRecord, null, tag.Version, tag.Image, problem)]);
        var targets = record.Targets.SetItems(record.Targets.Select(t => KeyValuePair.Create(t.Key, t.Value with { Lost = Lost(t.Value, assets) })));
        return new(release, record with { Targets = targets }, []);
    }

    /// <summary>What a run publishes it need not read again.</summary>
    public Task KeepAsync(byte[] record, CancellationToken ct) => PrivateFile.WriteAsync(PathOf(Digest.Sha256(record)), record, ct);

    private async Task<(ReleaseRecord? Record, string? Problem)> ReadRecordAsync(
        GitHubApi api, LineEntry entry, Dictionary<string, GitHubAsset> assets, CancellationToken ct)
    {
        if (!assets.TryGetValue(ReleaseDocuments.Inputs, out var asset))
            return (null, $"there is no {ReleaseDocuments.Inputs}");
        try
        {
            var json = await BytesAsync(api, entry, asset, ct);
            if (!ReleaseRecordJson.TryRead(json, out var record, out var problem))
                return (null, problem);
            return record.Image == entry.Tag.Image && record.Version == entry.Tag.Version.ToString()
                ? (record, null)
                : (null, $"it is of {record.Image} {record.Version}");
        }
        catch (InvalidDataException e)
        {
            return (null, e.Message);
        }
    }

    private async Task<byte[]> BytesAsync(GitHubApi api, LineEntry entry, GitHubAsset asset, CancellationToken ct)
    {
        var expected = Digest.TryParse(asset.Digest, out var digest) ? digest : null;
        if (expected is not null && (entry.Marker?.Unpack(expected) ?? await CachedAsync(expected, ct)) is { } known)
            return known;
        if (asset.Size > ReleaseRecordJson.LimitBytes)
            throw new InvalidDataException($"it is longer than {ReleaseRecordJson.LimitBytes} bytes");
        var json = await api.ReadAssetAsync(asset.Id, ReleaseRecordJson.LimitBytes, ct);
        if (expected is not null && Digest.Sha256(json) != expected)
            throw new InvalidDataException($"it has digest {Digest.Sha256(json)}, expected {expected}");
        await KeepAsync(json, ct);
        return json;
    }

    private async Task<byte[]?> CachedAsync(Digest digest, CancellationToken ct)
    {
        try
        {
            var json = await File.ReadAllBytesAsync(PathOf(digest), ct);
            return Digest.Sha256(json) == digest ? json : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static ImmutableArray<string> Lost(PublishedTarget target, Dictionary<string, GitHubAsset> assets) =>
        [.. target.Files.Where(f => LargeFiles.Find(f, assets).IsEmpty).Select(f => f.Name)];

    private string PathOf(Digest digest) => Path.Combine(cacheDirectory, digest.Hex);
}
