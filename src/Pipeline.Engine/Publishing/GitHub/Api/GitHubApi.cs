using System.Collections.Immutable;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Pipeline.Core.Reporting;
using Pipeline.Oci.Registry;

namespace Pipeline.Engine.Publishing.GitHub.Api;

/// <summary>The requests that releases need, typed. What GitHub says is bounded, checked and translated.</summary>
internal sealed class GitHubApi(GitHubTransport transport, PageCache pages, IReporter reporter)
{
    public const int PageSize = 100;
    private const int MaxPages = 1000;
    public const int MaxDocumentBytes = 64 << 20;
    private static readonly TimeSpan Stall = TimeSpan.FromMinutes(2);

    public GitHubPlace Place => transport.Place;

    public Task PauseAsync(int attempt, string why, CancellationToken ct) => transport.PauseAsync(attempt, why, ct);

    /// <summary>Every release and draft; unchanged pages come from the cache.</summary>
    public async Task<ImmutableArray<GitHubRelease>> ListReleasesAsync(CancellationToken ct)
    {
        var all = ImmutableArray.CreateBuilder<GitHubRelease>();
        Uri? next = Address($"releases?per_page={PageSize}");
        for (var page = 0; next is not null && page < MaxPages; page++)
        {
            var found = await PageAsync(next, ct);
            all.AddRange(Parse(found.Body, GitHubContext.Default.ImmutableArrayGitHubRelease));
            next = found.Next is { } link ? Ours(link) : null;
        }
        return all.ToImmutable();
    }

    /// <summary>The names of the tags that begin so, without <c>refs/tags/</c>. Tags of published releases are among them, those of drafts are not.</summary>
    public async Task<ImmutableArray<string>> TagsAsync(string prefix, CancellationToken ct)
    {
        var call = new GitHubCall(HttpMethod.Get, Address($"git/matching-refs/tags/{Uri.EscapeDataString(prefix)}"), $"read the tags of {Place.Name}");
        using var response = await transport.SendAsync(call, ct);
        if (response.StatusCode == HttpStatusCode.Conflict)
            return []; // a repository without a commit
        var refs = await ReadAsync(call, response, GitHubContext.Default.ImmutableArrayGitHubRef, ct);
        return [.. refs.Where(r => r.Ref.StartsWith("refs/tags/", StringComparison.Ordinal)).Select(r => r.Ref["refs/tags/".Length..])];
    }

    /// <exception cref="LostAnswerException">Look whether it is there now.</exception>
    public async Task<GitHubRelease> CreateDraftAsync(NewRelease draft, CancellationToken ct)
    {
        var call = new GitHubCall(HttpMethod.Post, Address("releases"), $"make the draft {draft.TagName} in {Place.Name}")
        {
            Content = () => Json(draft, GitHubContext.Default.NewRelease),
            IsRepeatable = false,
        };
        using var response = await transport.SendAsync(call, ct);
        if (draft.TargetCommitish is { } commit && await RefusesCommitAsync(response, ct))
            throw ReleaseRefusedException.Because(GitHubRules.WorkflowTrap, Place.Api.Host, commit[..Math.Min(10, commit.Length)]);
        return await ReadAsync(call, response, GitHubContext.Default.GitHubRelease, ct);
    }

    /// <summary>Null when it does not exist (any more).</summary>
    public async Task<GitHubRelease?> FindReleaseAsync(long id, CancellationToken ct)
    {
        var call = new GitHubCall(HttpMethod.Get, Address($"releases/{id}"), $"read a release of {Place.Name}");
        using var response = await transport.SendAsync(call, ct);
        return response.StatusCode == HttpStatusCode.NotFound ? null : await ReadAsync(call, response, GitHubContext.Default.GitHubRelease, ct);
    }

    /// <summary>Publishes a draft. Null where it is gone, or its tag was released meanwhile.</summary>
    /// <exception cref="LostAnswerException">Look whether it is published now.</exception>
    public async Task<GitHubRelease?> PublishAsync(GitHubRelease draft, CancellationToken ct)
    {
        var call = new GitHubCall(HttpMethod.Patch, Address($"releases/{draft.Id}"), $"publish {draft.TagName} in {Place.Name}")
        {
            Content = () => Json(new ReleaseChange(Draft: false, MakeLatest: "true"), GitHubContext.Default.ReleaseChange),
            IsRepeatable = false,
        };
        using var response = await transport.SendAsync(call, ct);
        if (await IsGoneOrTakenAsync(response, ct))
            return null;
        return await ReadAsync(call, response, GitHubContext.Default.GitHubRelease, ct);
    }

    public Task DeleteReleaseAsync(long id, CancellationToken ct) => DeleteAsync($"releases/{id}", $"delete a release of {Place.Name}", ct);

    public Task DeleteTagAsync(string tag, CancellationToken ct) => DeleteAsync($"git/refs/tags/{Uri.EscapeDataString(tag)}", $"delete a tag of {Place.Name}", ct);

    public Task DeleteAssetAsync(long id, CancellationToken ct) => DeleteAsync($"releases/assets/{id}", $"delete a file of a draft in {Place.Name}", ct);

    /// <summary>Null when the release does not exist (any more).</summary>
    public async Task<ImmutableArray<GitHubAsset>?> ListAssetsAsync(long releaseId, CancellationToken ct)
    {
        var all = ImmutableArray.CreateBuilder<GitHubAsset>();
        Uri? next = Address($"releases/{releaseId}/assets?per_page={PageSize}");
        for (var page = 0; next is not null && page < MaxPages; page++)
        {
            var call = new GitHubCall(HttpMethod.Get, next, $"list the files of a draft in {Place.Name}");
            using var response = await transport.SendAsync(call, ct);
            if (response.StatusCode == HttpStatusCode.NotFound)
                return null;
            all.AddRange(await ReadAsync(call, response, GitHubContext.Default.ImmutableArrayGitHubAsset, ct));
            next = NextOf(response) is { } link ? Ours(link) : null;
        }
        return all.ToImmutable();
    }

    /// <summary>Null where the draft has a file of that name already, or is gone: list its files and decide anew.</summary>
    /// <exception cref="LostAnswerException">Likewise.</exception>
    public async Task<GitHubAsset?> UploadAsync(GitHubRelease draft, AssetSource source, CancellationToken ct)
    {
        using var activity = reporter.Begin($"upload {source.Name}", source.SizeBytes);
        CancellationTokenSource? watch = null;
        void Moved(int count)
        {
            activity.Advance(count);
            watch?.CancelAfter(Stall);
        }
        var call = new GitHubCall(HttpMethod.Post, UploadAddress(draft, source.Name), $"upload {source.Name} to {Place.Name}")
        {
            Content = () => UploadContent.Create(source.Open, source.SizeBytes, source.Sha256, Moved, source.ContentType),
            IsRepeatable = false,
            Watch = limit => (watch = limit).CancelAfter(Stall),
        };
        using var response = await transport.SendAsync(call, ct);
        if (await IsGoneOrTakenAsync(response, ct))
            return null;
        return await ReadAsync(call, response, GitHubContext.Default.GitHubAsset, ct);
    }

    /// <summary>The bytes of a file, perhaps from another host, not hashed. The caller disposes the answer.</summary>
    public Task<HttpResponseMessage> DownloadAsync(long assetId, CancellationToken ct) => DownloadAsync(assetId, null, ct);

    /// <summary>A small file as a whole, not hashed.</summary>
    /// <exception cref="InvalidDataException">It is longer.</exception>
    public async Task<byte[]> ReadAssetAsync(long assetId, int limitBytes, CancellationToken ct)
    {
        using var response = await DownloadAsync(assetId, limitBytes, ct);
        return await BoundedBody.ReadAsync(response.Content, limitBytes, ct);
    }

    private async Task<HttpResponseMessage> DownloadAsync(long assetId, int? limitBytes, CancellationToken ct)
    {
        var call = new GitHubCall(HttpMethod.Get, Address($"releases/assets/{assetId}"), $"download a file of {Place.Name}")
        {
            Accept = "application/octet-stream",
            BodyLimitBytes = limitBytes,
        };
        var response = await transport.SendAsync(call, ct);
        if (response.IsSuccessStatusCode)
            return response;
        using (response)
            throw await transport.Failure.ExplainAsync(call, response, ct);
    }

    private async Task<CachedPage> PageAsync(Uri uri, CancellationToken ct)
    {
        var cached = await pages.ReadAsync(uri, ct);
        var call = new GitHubCall(HttpMethod.Get, uri, $"list the releases of {Place.Name}") { ETag = cached?.ETag, BodyLimitBytes = PageCache.LimitBytes };
        using var response = await transport.SendAsync(call, ct);
        if (response.StatusCode == HttpStatusCode.NotModified && cached is not null)
            return cached;
        if (!response.IsSuccessStatusCode)
            throw await transport.Failure.ExplainAsync(call, response, ct);
        var page = new CachedPage(response.Headers.ETag?.ToString() ?? "", NextOf(response), await BoundedBody.ReadAsync(response.Content, PageCache.LimitBytes, ct));
        if (page.ETag.Length > 0)
            await pages.WriteAsync(uri, page, ct);
        return page;
    }

    private async Task DeleteAsync(string path, string purpose, CancellationToken ct)
    {
        var call = new GitHubCall(HttpMethod.Delete, Address(path), purpose);
        using var response = await transport.SendAsync(call, ct);
        // 404 and 422 ("Reference does not exist"): somebody, or a try whose answer was lost, did it already.
        if (!response.IsSuccessStatusCode && response.StatusCode is not (HttpStatusCode.NotFound or HttpStatusCode.UnprocessableEntity))
            throw await transport.Failure.ExplainAsync(call, response, ct);
    }

    /// <summary>Whether what was to be changed is gone, or what was to be made is there already.</summary>
    private static async Task<bool> IsGoneOrTakenAsync(HttpResponseMessage response, CancellationToken ct)
    {
        if (response.StatusCode == HttpStatusCode.NotFound)
            return true;
        if (response.StatusCode != HttpStatusCode.UnprocessableEntity)
            return false;
        return GitHubFailure.IsAlreadyThere(await GitHubFailure.ReadAsync(response, ct));
    }

    private static async Task<bool> RefusesCommitAsync(HttpResponseMessage response, CancellationToken ct)
    {
        if (response.StatusCode == HttpStatusCode.NotFound)
            return true;
        if (response.StatusCode != HttpStatusCode.UnprocessableEntity)
            return false;
        return GitHubFailure.Names(await GitHubFailure.ReadAsync(response, ct), "target_commitish");
    }

    internal async Task<T> ReadAsync<T>(GitHubCall call, HttpResponseMessage response, JsonTypeInfo<T> type, CancellationToken ct)
    {
        if (!response.IsSuccessStatusCode)
            throw await transport.Failure.ExplainAsync(call, response, ct);
        return Parse(await BoundedBody.ReadAsync(response.Content, MaxDocumentBytes, ct), type);
    }

    private T Parse<T>(byte[] json, JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(json, type) ?? throw new JsonException("null");
        }
        catch (JsonException e)
        {
            throw ReleaseRefusedException.Because(GitHubRules.OddAnswer, Place.Api.Host, e.Message.ReplaceLineEndings(" "));
        }
    }

    internal static StringContent Json<T>(T body, JsonTypeInfo<T> type) =>
        new(JsonSerializer.Serialize(body, type), new MediaTypeHeaderValue("application/json", "utf-8"));

    /// <param name="path">Below the repository.</param>
    internal Uri Address(string path) => new(Place.Api, $"repos/{Uri.EscapeDataString(Place.Owner)}/{Uri.EscapeDataString(Place.Repository)}/{path}");

    /// <summary><c>upload_url</c> ends in a template, <c>{?name,label}</c> (RFC 6570).</summary>
    private Uri UploadAddress(GitHubRelease draft, string name)
    {
        var brace = draft.UploadUrl.IndexOf('{', StringComparison.Ordinal);
        return Ours($"{(brace < 0 ? draft.UploadUrl : draft.UploadUrl[..brace])}?name={Uri.EscapeDataString(name)}");
    }

    internal Uri Ours(string address) => Uri.TryCreate(address, UriKind.Absolute, out var uri) && transport.IsOurs(uri)
        ? uri
        : throw ReleaseRefusedException.Because(GitHubRules.ForeignAddress, Place.Api.Host, uri?.Host ?? "an unreadable address");

    internal static string? NextOf(HttpResponseMessage response)
    {
        foreach (var link in (response.Headers.TryGetValues("Link", out var values) ? values : []).SelectMany(v => v.Split(',')))
        {
            var parts = link.Split(';');
            if (parts.Skip(1).Any(p => p.Trim() == "rel=\"next\"") && parts[0].Trim() is ['<', .. var target, '>'])
                return target;
        }
        return null;
    }
}
