using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Pipeline.Engine.Publishing.GitHub.Api;

/// <summary>A release as the API gives it; the keys that we read.</summary>
/// <param name="Draft">True: only those who may push see it.</param>
internal sealed record GitHubRelease(long Id, string TagName, string HtmlUrl, string UploadUrl, bool Draft, DateTimeOffset CreatedAt, ImmutableArray<GitHubAsset> Assets)
{
    public string? Body { get; init; }

    public string? TargetCommitish { get; init; }

    public DateTimeOffset? UpdatedAt { get; init; }
}

/// <param name="State"><c>uploaded</c>; <c>starter</c> while an upload is under way, and after it failed.</param>
/// <param name="Digest"><c>sha256:…</c>; null for what was uploaded before GitHub counted them, and on older servers.</param>
internal sealed record GitHubAsset(long Id, string Name, string State, long Size)
{
    public const string Uploaded = "uploaded";

    public string? Digest { get; init; }

    /// <summary>For people, and for programs that know no API.</summary>
    public string? BrowserDownloadUrl { get; init; }
}

internal sealed record GitHubRef(string Ref);

/// <summary>The body of a new draft.</summary>
internal sealed record NewRelease(string TagName, string Name, string Body, bool Draft)
{
    /// <summary>Null is the default branch.</summary>
    public string? TargetCommitish { get; init; }
}

/// <summary>The body that publishes a draft.</summary>
/// <param name="MakeLatest"><c>true</c>: a text, not a boolean.</param>
internal sealed record ReleaseChange(bool Draft, string MakeLatest);

/// <param name="Number">As people say it: <c>#12</c>.</param>
internal sealed record GitHubPullRequest(long Number, GitHubHead Head);

/// <param name="Sha">The newest commit of the branch.</param>
internal sealed record GitHubHead(string Sha);

internal sealed record GitHubComment(long Id, string HtmlUrl)
{
    public string? Body { get; init; }
}

/// <summary>The body of a comment that is made or changed.</summary>
internal sealed record CommentText(string Body);

/// <param name="State"><c>active</c>, or why it is not: <c>disabled_fork</c>, <c>disabled_inactivity</c>, <c>disabled_manually</c>.</param>
internal sealed record GitHubWorkflow(string Name, string Path, string State, string HtmlUrl);

internal sealed record GitHubWorkflows(ImmutableArray<GitHubWorkflow> Workflows);

internal sealed record GitHubErrors(string? Message)
{
    public ImmutableArray<GitHubError>? Errors { get; init; }
}

internal sealed record GitHubError(string? Resource, string? Code, string? Field, string? Message);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, MaxDepth = 32)]
[JsonSerializable(typeof(ImmutableArray<GitHubRelease>))]
[JsonSerializable(typeof(ImmutableArray<GitHubAsset>))]
[JsonSerializable(typeof(ImmutableArray<GitHubRef>))]
[JsonSerializable(typeof(NewRelease))]
[JsonSerializable(typeof(ReleaseChange))]
[JsonSerializable(typeof(ImmutableArray<GitHubPullRequest>))]
[JsonSerializable(typeof(ImmutableArray<GitHubComment>))]
[JsonSerializable(typeof(CommentText))]
[JsonSerializable(typeof(GitHubWorkflows))]
internal sealed partial class GitHubContext : JsonSerializerContext;

/// <summary>Complaints come in several forms: here nothing is required.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, MaxDepth = 32)]
[JsonSerializable(typeof(GitHubErrors))]
internal sealed partial class GitHubErrorContext : JsonSerializerContext;
