using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Pipeline.Kit;

internal sealed record FakeAnswer(int Status, byte[]? Body)
{
    public (string Name, string Value)[] Headers { get; init; } = [];

    public static FakeAnswer BadGateway => new(502, Encoding.UTF8.GetBytes("{\"message\":\"Server Error\"}"));

    public static FakeAnswer Of(int status, JsonNode body) => new(status, Encoding.UTF8.GetBytes(body.ToJsonString()));

    public static FakeAnswer Error(int status, string message) =>
        Of(status, new JsonObject { ["message"] = message, ["documentation_url"] = "https://docs.github.com/rest" });

    public static FakeAnswer Invalid(string resource, string field, string code) => Of(422, new JsonObject
    {
        ["message"] = "Validation Failed",
        ["documentation_url"] = "https://docs.github.com/rest",
        ["errors"] = new JsonArray(new JsonObject { ["resource"] = resource, ["field"] = field, ["code"] = code }),
    });
}

/// <summary>What the operations do with the state.</summary>
internal sealed class FakeGitHubApi(FakeGitHubState state)
{
    private const string RepositoryPath = $"/repos/{FakeGitHub.Owner}/{FakeGitHub.Repository}";

    /// <summary>A request that breaks before anything is done; an upload is known by its name already.</summary>
    public void Begin(GitHubRequest request)
    {
        if (request.Method != "POST" || request.Path.Split('/') is not [.., "releases", var id, "assets"])
            return;
        lock (state.Lock)
        {
            if (state.Releases.Find(r => $"{r.Id}" == id) is { } release && release[NameOf(request)] is null)
                state.AddAsset(release, NameOf(request), [], "starter");
        }
    }

    public async Task<FakeAnswer?> DoAsync(HttpContext context, GitHubRequest request, bool isHalf, ConcurrentQueue<string> complaints)
    {
        var authorization = request.Headers.GetValueOrDefault("authorization", "");
        var isOurs = authorization is $"Bearer {FakeGitHub.Token}" or $"token {FakeGitHub.Token}";
        if (authorization.Length > 0 && !isOurs)
            return FakeAnswer.Error(401, "Bad credentials");
        if (!isOurs && request.Method != "GET")
            return FakeAnswer.Error(401, "Requires authentication");
        if (!request.Path.StartsWith(RepositoryPath, StringComparison.Ordinal))
            return FakeAnswer.Error(404, "Not Found");
        var isUpload = request.Method == "POST" && request.Path.EndsWith("/assets", StringComparison.Ordinal);
        var begun = isUpload ? BeginUpload(context, request) : default;
        if (begun.Refusal is not null)
            return begun.Refusal;
        if (await ReadAsync(context, isHalf) is not { } body)
            return null;
        foreach (var complaint in GitHubDescription.Instance.Request(request.Method, request.Path, context.Request.Query.Keys, context.Request.ContentType, body))
            complaints.Enqueue("request: " + complaint);
        lock (state.Lock)
            return isUpload ? Finish(begun.Asset!, body) : Route(request, context.Request.Query, body, isOurs);
    }

    private (FakeAsset? Asset, FakeAnswer? Refusal) BeginUpload(HttpContext context, GitHubRequest request)
    {
        if (context.Request.ContentLength is not { } length)
            return (null, FakeAnswer.Error(411, "Length Required"));
        lock (state.Lock)
        {
            if (state.Releases.Find(r => $"{r.Id}" == request.Path.Split('/')[^2]) is not { } release)
                return (null, FakeAnswer.Error(404, "Not Found"));
            if (release.IsImmutable)
                return (null, FakeAnswer.Error(422, "Cannot upload assets to an immutable release."));
            if (length >= 2147483648 || release.Assets.Count >= 1000)
                return (null, FakeAnswer.Invalid("ReleaseAsset", "size", "custom"));
            var name = new string([.. NameOf(request).Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' ? c : '.')]);
            name = state.Rename(name);
            return release[name] is not null
                ? (null, FakeAnswer.Invalid("ReleaseAsset", "name", "already_exists"))
                : (state.AddAsset(release, name, [], "starter", context.Request.ContentType ?? ""), null);
        }
    }

    private FakeAnswer? Finish(FakeAsset asset, byte[] body)
    {
        // Somebody may have deleted it while it came.
        if (!state.Releases.Any(r => r.Assets.Contains(asset)))
            return FakeAnswer.Error(404, "Not Found");
        (asset.Content, asset.State) = (body, "uploaded");
        return FakeAnswer.Of(201, state.Show(asset));
    }

    private FakeAnswer Route(GitHubRequest request, IQueryCollection query, byte[] body, bool mayPush)
    {
        var path = request.Path[RepositoryPath.Length..].Split('/', StringSplitOptions.RemoveEmptyEntries);
        return (request.Method, path) switch
        {
            ("GET", []) => FakeAnswer.Of(200, new JsonObject { ["id"] = 1, ["name"] = FakeGitHub.Repository, ["full_name"] = $"{FakeGitHub.Owner}/{FakeGitHub.Repository}", ["url"] = state.Root }),
            ("GET", ["releases"]) => Paged(request, query, [.. state.Releases.Where(r => mayPush || !r.IsDraft).Reverse().Select(state.Show)]),
            ("POST", ["releases"]) => Create(body),
            ("GET", ["releases", "tags", .. var tag]) => Found(state.Published.FirstOrDefault(r => r.Tag == string.Join('/', tag))),
            ("GET", ["releases", "assets", var id]) => Download(request, id),
            ("DELETE", ["releases", "assets", var id]) => DeleteAsset(id),
            ("GET", ["releases", var id]) => Found(Find(id) is { } r && (mayPush || !r.IsDraft) ? r : null),
            ("PATCH", ["releases", var id]) => Change(id, JsonNode.Parse(body)!),
            ("DELETE", ["releases", var id]) => Delete(id),
            ("GET", ["releases", var id, "assets"]) => Find(id) is { } release ? Paged(request, query, [.. release.Assets.Select(state.Show)]) : FakeAnswer.Error(404, "Not Found"),
            ("GET", ["git", "matching-refs", "tags", .. var prefix]) => FakeAnswer.Of(200, new JsonArray([.. state.Tags.Keys.Where(t => t.StartsWith(string.Join('/', prefix), StringComparison.Ordinal)).Select(state.ShowTag)])),
            ("DELETE", ["git", "refs", "tags", .. var tag]) => state.Tags.Remove(string.Join('/', tag)) ? new FakeAnswer(204, null) : FakeAnswer.Error(422, "Reference does not exist"),
            _ => FakeGitHubTalk.Route(state, request, query, body) ?? FakeAnswer.Error(404, "Not Found"),
        };
    }

    private FakeAnswer Create(byte[] body)
    {
        var json = JsonNode.Parse(body)!;
        var tag = (string)json["tag_name"]!;
        if ((string?)json["target_commitish"] is { Length: 40 } commit && commit != FakeGitHubState.Commit && !commit.StartsWith("0000", StringComparison.Ordinal))
            return FakeAnswer.Invalid("Release", "target_commitish", "invalid");
        if ((string?)json["body"] is { Length: > 125_000 })
            return FakeAnswer.Invalid("Release", "body", "too_long");
        if ((bool?)json["draft"] != true)
            return FakeAnswer.Invalid("Release", "draft", "this_fake_wants_drafts");
        var release = state.Add(tag, (string?)json["body"] ?? "", isDraft: true);
        release.Name = (string?)json["name"];
        release.Target = (string?)json["target_commitish"] ?? "main";
        return FakeAnswer.Of(201, state.Show(release));
    }

    private FakeAnswer Change(string id, JsonNode json)
    {
        if (Find(id) is not { } release)
            return FakeAnswer.Error(404, "Not Found");
        if ((bool?)json["draft"] == false && release.IsDraft)
        {
            if (state.Published.Any(r => r.Tag == release.Tag))
                return FakeAnswer.Invalid("Release", "tag_name", "already_exists");
            (release.IsDraft, release.Published, release.IsImmutable) = (false, state.Now, state.IsImmutable);
            state.Tags.TryAdd(release.Tag, FakeGitHubState.Commit);
        }
        release.Body = (string?)json["body"] ?? release.Body;
        return FakeAnswer.Of(200, state.Show(release));
    }

    private FakeAnswer Delete(string id)
    {
        if (Find(id) is not { } release)
            return FakeAnswer.Error(404, "Not Found");
        state.Releases.Remove(release);
        return new(204, null);
    }

    private FakeAnswer DeleteAsset(string id)
    {
        if (state.Releases.Find(r => r.Assets.Exists(a => $"{a.Id}" == id)) is not { } release)
            return FakeAnswer.Error(404, "Not Found");
        if (release.IsImmutable)
            return FakeAnswer.Error(422, "Cannot delete asset from an immutable release");
        release.Assets.RemoveAll(a => $"{a.Id}" == id);
        return new(204, null);
    }

    private FakeAnswer Download(GitHubRequest request, string id)
    {
        if (state.Releases.SelectMany(r => r.Assets).FirstOrDefault(a => $"{a.Id}" == id) is not { } asset)
            return FakeAnswer.Error(404, "Not Found");
        return request.Headers.GetValueOrDefault("accept") == "application/octet-stream"
            ? new(302, null) { Headers = [("Location", ((string)state.Show(asset)["browser_download_url"]!) + "?signature=secret")] }
            : FakeAnswer.Of(200, state.Show(asset));
    }

    internal static FakeAnswer Paged(GitHubRequest request, IQueryCollection query, JsonNode[] all)
    {
        var size = Math.Min(100, int.TryParse(query["per_page"], out var asked) ? asked : 30);
        var page = int.TryParse(query["page"], out var number) ? number : 1;
        var body = Encoding.UTF8.GetBytes(new JsonArray([.. all.Skip((page - 1) * size).Take(size)]).ToJsonString());
        var tag = $"W/\"{Convert.ToHexStringLower(SHA256.HashData(body))}\"";
        List<(string, string)> headers = [("ETag", tag)];
        if (page * size < all.Length)
            headers.Add(("Link", $"<http://{request.Headers["host"]}/api/v3{request.Path}?per_page={size}&page={page + 1}>; rel=\"next\", <http://{request.Headers["host"]}/x>; rel=\"last\""));
        return request.Headers.GetValueOrDefault("if-none-match") == tag
            ? new(304, null) { Headers = [.. headers] }
            : new(200, body) { Headers = [.. headers] };
    }

    private FakeAnswer Found(FakeRelease? release) => release is null ? FakeAnswer.Error(404, "Not Found") : FakeAnswer.Of(200, state.Show(release));

    private FakeRelease? Find(string id) => state.Releases.Find(r => $"{r.Id}" == id);

    private static string NameOf(GitHubRequest request) =>
        Uri.UnescapeDataString(request.Query.TrimStart('?').Split('&').First(p => p.StartsWith("name=", StringComparison.Ordinal))["name=".Length..]);

    /// <summary>Null when the client went away.</summary>
    private static async Task<byte[]?> ReadAsync(HttpContext context, bool isHalf)
    {
        var wanted = context.Request.ContentLength ?? 0;
        using var body = new MemoryStream();
        var buffer = new byte[64 << 10];
        try
        {
            for (int count; (count = await context.Request.Body.ReadAsync(buffer, context.RequestAborted)) > 0;)
            {
                body.Write(buffer, 0, count);
                if (isHalf && body.Length >= wanted / 2)
                    return null;
            }
            return body.Length == wanted ? body.ToArray() : null;
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or BadHttpRequestException)
        {
            return null;
        }
    }
}
