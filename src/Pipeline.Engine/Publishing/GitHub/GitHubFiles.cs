using System.Collections.Immutable;
using Pipeline.Engine.Publishing.GitHub.Api;
using Pipeline.Engine.Publishing.Reading;

namespace Pipeline.Engine.Publishing.GitHub;

/// <summary>The files of a published release on GitHub.</summary>
internal sealed class GitHubFiles(GitHubApi api, LineEntry entry) : IReleaseFiles
{
    private readonly ImmutableSortedDictionary<string, GitHubAsset> _assets = entry.Release.Assets
        .Where(a => a.State == GitHubAsset.Uploaded).DistinctBy(a => a.Name, StringComparer.Ordinal).ToImmutableSortedDictionary(a => a.Name, a => a, StringComparer.Ordinal);

    public string Location => entry.Release.HtmlUrl;

    public ImmutableSortedDictionary<string, long> Sizes => _assets.ToImmutableSortedDictionary(a => a.Key, a => a.Value.Size, StringComparer.Ordinal);

    public Uri? AddressOf(string name) => _assets.TryGetValue(name, out var asset) && Uri.TryCreate(asset.BrowserDownloadUrl, UriKind.Absolute, out var address) ? address : null;

    public async Task<Stream> OpenAsync(string name, CancellationToken ct)
    {
        if (!_assets.TryGetValue(name, out var asset))
            throw new FileNotFoundException($"there is no {name}", name);
        var response = await api.DownloadAsync(asset.Id, ct);
        return await response.Content.ReadAsStreamAsync(ct);
    }
}
