using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Pipeline.Kit;

public sealed class FakeAsset(long id, string name, string contentType)
{
    public long Id => id;

    public string Name => name;

    public string ContentType => contentType;

    public string State { get; set; } = "starter";

    public byte[] Content { get; set; } = [];

    /// <summary>Older servers tell none.</summary>
    public bool HasDigest { get; init; } = true;

    public string? Digest => State == "uploaded" && HasDigest ? "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Content)) : null;
}

public sealed class FakeRelease(long id, string tag)
{
    public long Id => id;

    public string Tag { get; set; } = tag;

    public string? Name { get; set; }

    public string Body { get; set; } = "";

    public string Target { get; set; } = "main";

    public bool IsDraft { get; set; } = true;

    public bool IsImmutable { get; set; }

    public DateTimeOffset Created { get; init; }

    public DateTimeOffset? Published { get; set; }

    public List<FakeAsset> Assets { get; } = [];

    public FakeAsset? this[string name] => Assets.Find(a => a.Name == name);
}

/// <param name="Branch"><c>OWNER:BRANCH</c> that it comes from.</param>
public sealed record FakePullRequest(int Number, string Branch, string Commit);

/// <param name="IsOurs">Written by the owner of the token; nobody else's may be changed.</param>
public sealed record FakeComment(long Id, int Number, string Body, bool IsOurs);

/// <summary>What a repository holds, and how the API shows it.</summary>
public sealed class FakeGitHubState(string baseAddress, string owner, string repository)
{
    private const string Times = "yyyy-MM-ddTHH:mm:ssZ";
    private long _ids = 1000;

    public Lock Lock { get; } = new();

    public List<FakeRelease> Releases { get; } = [];

    /// <summary>Names of tags to commits.</summary>
    public SortedDictionary<string, string> Tags { get; } = new(StringComparer.Ordinal);

    public List<FakePullRequest> PullRequests { get; } = [];

    public List<FakeComment> Comments { get; } = [];

    /// <summary>Names of workflows to their states.</summary>
    public SortedDictionary<string, string> Workflows { get; } = new(StringComparer.Ordinal);

    /// <summary>Releases published from now on can never be changed.</summary>
    public bool IsImmutable { get; set; }

    public bool TellsDigests { get; set; } = true;

    public DateTimeOffset Now { get; set; } = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    public IEnumerable<FakeRelease> Published => Releases.Where(r => !r.IsDraft);

    public IEnumerable<FakeRelease> Drafts => Releases.Where(r => r.IsDraft);

    /// <summary>What a file is called that was sent under a name, beyond the characters that are always replaced.</summary>
    public Func<string, string> Rename { get; set; } = name => name;

    public string Root => $"{baseAddress}/api/v3/repos/{owner}/{repository}";

    public long NextId() => Interlocked.Increment(ref _ids);

    public FakeRelease Add(string tag, string body, bool isDraft)
    {
        var release = new FakeRelease(NextId(), tag) { Body = body, IsDraft = isDraft, Created = Now, Published = isDraft ? null : Now };
        Releases.Add(release);
        if (!isDraft)
            Tags.TryAdd(tag, Commit);
        return release;
    }

    public FakeAsset AddAsset(FakeRelease release, string name, byte[] content, string state = "uploaded", string type = "application/octet-stream")
    {
        var asset = new FakeAsset(NextId(), name, type) { Content = content, State = state, HasDigest = TellsDigests };
        release.Assets.Add(asset);
        return asset;
    }

    public static string Commit => new('c', 40);

    public JsonObject Show(FakeRelease release) => new()
    {
        ["url"] = $"{Root}/releases/{release.Id}",
        ["html_url"] = $"{baseAddress}/{owner}/{repository}/releases/tag/{(release.IsDraft ? $"untagged-{release.Id}" : release.Tag)}",
        ["assets_url"] = $"{Root}/releases/{release.Id}/assets",
        ["upload_url"] = $"{baseAddress}/api/uploads/repos/{owner}/{repository}/releases/{release.Id}/assets{{?name,label}}",
        ["tarball_url"] = null,
        ["zipball_url"] = null,
        ["id"] = release.Id,
        ["node_id"] = $"RE_{release.Id}",
        ["tag_name"] = release.Tag,
        ["target_commitish"] = release.Target,
        ["name"] = release.Name,
        ["body"] = release.Body,
        ["draft"] = release.IsDraft,
        ["immutable"] = release.IsImmutable,
        ["prerelease"] = false,
        ["created_at"] = release.Created.ToString(Times),
        ["updated_at"] = release.Created.ToString(Times),
        ["published_at"] = release.Published?.ToString(Times),
        ["author"] = User(),
        ["assets"] = new JsonArray([.. release.Assets.Select(Show)]),
    };

    public JsonNode Show(FakeAsset asset) => new JsonObject
    {
        ["url"] = $"{Root}/releases/assets/{asset.Id}",
        ["browser_download_url"] = $"{baseAddress}/storage/{asset.Id}/{asset.Name}",
        ["id"] = asset.Id,
        ["node_id"] = $"RA_{asset.Id}",
        ["name"] = asset.Name,
        ["label"] = "",
        ["state"] = asset.State,
        ["content_type"] = asset.ContentType,
        ["size"] = asset.State == "uploaded" ? asset.Content.Length : 0,
        ["digest"] = asset.Digest,
        ["download_count"] = 0,
        ["created_at"] = Now.ToString(Times),
        ["updated_at"] = Now.ToString(Times),
        ["uploader"] = User(),
    };

    public JsonNode ShowTag(string tag) => new JsonObject
    {
        ["ref"] = $"refs/tags/{tag}",
        ["node_id"] = "REF_1",
        ["url"] = $"{Root}/git/refs/tags/{tag}",
        ["object"] = new JsonObject { ["type"] = "commit", ["sha"] = Tags[tag], ["url"] = $"{Root}/git/commits/{Tags[tag]}" },
    };

    private JsonObject User()
    {
        var user = new JsonObject { ["login"] = "robot", ["id"] = 1, ["node_id"] = "U_1", ["gravatar_id"] = "", ["type"] = "User", ["site_admin"] = false };
        string[] addresses =
        [
            "avatar_url", "events_url", "followers_url", "following_url", "gists_url", "html_url", "organizations_url", "received_events_url",
            "repos_url", "starred_url", "subscriptions_url", "url",
        ];
        foreach (var name in addresses)
            user[name] = $"{baseAddress}/api/v3/users/robot/{name}";
        return user;
    }
}
