using System.Collections.Immutable;
using System.Net;
using Pipeline.Engine.Publishing.GitHub.Api;

namespace Pipeline.Engine.Publishing.GitHub;

/// <summary>
/// Where a pull request comes from. The number that a workflow of the pull request would tell cannot be trusted; what
/// GitHub says of the branch can.
/// </summary>
/// <param name="Branch"><c>OWNER:BRANCH</c>.</param>
/// <param name="Commit">What was looked at: 40 hexadecimal digits.</param>
public sealed record PullRequestHead(string Branch, string Commit);

/// <summary>One comment on a pull request, known by a mark in its text and replaced each time.</summary>
public sealed class PullRequestComments : IDisposable
{
    /// <summary>What GitHub takes as a comment.</summary>
    public const int MaxCharacters = 65_536;

    private const string Mark = "<!-- pipeline:plan -->";
    private const int MaxComments = 3000;
    private const int MaxTries = 3;
    private const int PageSize = 100;

    private readonly GitHubTransport _transport;
    private readonly GitHubApi _api;

    /// <param name="place">With a token that may write to pull requests.</param>
    public PullRequestComments(GitHubPlace place, GitHubSettings settings)
    {
        _transport = new GitHubTransport(place, settings);
        _api = new GitHubApi(_transport, new(settings.CacheDirectory), settings.Reporter);
    }

    /// <summary>Shows a text on the pull request from a branch, in the comment of before where there is one.</summary>
    /// <param name="markdown">At most <see cref="MaxCharacters"/> less a line.</param>
    /// <returns>The address of the comment.</returns>
    /// <exception cref="ReleaseRefusedException">There is no such pull request, or it may not be written to.</exception>
    public async Task<string> ShowAsync(PullRequestHead head, string markdown, CancellationToken ct)
    {
        var number = await FindAsync(head, ct);
        var text = new CommentText($"{Mark}\n{markdown}");
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await ShowAsync(number, text, ct);
            }
            catch (LostAnswerException e) when (attempt < MaxTries)
            {
                // It may have been made: then the next look finds it.
                await _transport.PauseAsync(attempt, e.Message, ct);
            }
        }
    }

    public void Dispose() => _transport.Dispose();

    private async Task<string> ShowAsync(long number, CommentText text, CancellationToken ct)
    {
        foreach (var comment in await ListAsync(number, ct))
        {
            // Somebody else's comment may have the mark too, and is not ours to change.
            if (comment.Body?.StartsWith(Mark, StringComparison.Ordinal) == true && await TryReplaceAsync(comment, text, ct) is { } replaced)
                return replaced.HtmlUrl;
        }
        var call = new GitHubCall(HttpMethod.Post, _api.Address($"issues/{number}/comments"), $"comment on pull request #{number} of {_api.Place.Name}")
        {
            Content = () => GitHubApi.Json(text, GitHubContext.Default.CommentText),
            IsRepeatable = false,
        };
        using var response = await _transport.SendAsync(call, ct);
        if (response.StatusCode is HttpStatusCode.Forbidden)
            throw ReleaseRefusedException.Because(GitHubRules.CommentForbidden, _api.Place.Api.Host, _api.Place.Token?.Origin ?? "nobody", number);
        return (await _api.ReadAsync(call, response, GitHubContext.Default.GitHubComment, ct)).HtmlUrl;
    }

    private async Task<long> FindAsync(PullRequestHead head, CancellationToken ct)
    {
        var call = new GitHubCall(
            HttpMethod.Get, _api.Address($"pulls?state=open&per_page={PageSize}&head={Uri.EscapeDataString(head.Branch)}"), $"list the pull requests of {_api.Place.Name}");
        using var response = await _transport.SendAsync(call, ct);
        var open = await _api.ReadAsync(call, response, GitHubContext.Default.ImmutableArrayGitHubPullRequest, ct);
        // A branch may have been pushed to since the plan was made; that push has a plan of its own.
        return open.FirstOrDefault(p => string.Equals(p.Head.Sha, head.Commit, StringComparison.OrdinalIgnoreCase))?.Number
            ?? throw ReleaseRefusedException.Because(GitHubRules.NoPullRequest, _api.Place.Name, head.Branch, head.Commit[..Math.Min(10, head.Commit.Length)]);
    }

    private async Task<ImmutableArray<GitHubComment>> ListAsync(long number, CancellationToken ct)
    {
        var all = ImmutableArray.CreateBuilder<GitHubComment>();
        Uri? next = _api.Address($"issues/{number}/comments?per_page={PageSize}");
        while (next is not null && all.Count < MaxComments)
        {
            var call = new GitHubCall(HttpMethod.Get, next, $"list the comments of pull request #{number} of {_api.Place.Name}");
            using var response = await _transport.SendAsync(call, ct);
            all.AddRange(await _api.ReadAsync(call, response, GitHubContext.Default.ImmutableArrayGitHubComment, ct));
            next = GitHubApi.NextOf(response) is { } link ? _api.Ours(link) : null;
        }
        return all.ToImmutable();
    }

    /// <summary>Null where it is not ours, or gone.</summary>
    private async Task<GitHubComment?> TryReplaceAsync(GitHubComment comment, CommentText text, CancellationToken ct)
    {
        var call = new GitHubCall(HttpMethod.Patch, _api.Address($"issues/comments/{comment.Id}"), $"change a comment in {_api.Place.Name}")
        {
            Content = () => GitHubApi.Json(text, GitHubContext.Default.CommentText),
        };
        using var response = await _transport.SendAsync(call, ct);
        return response.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.NotFound
            ? null
            : await _api.ReadAsync(call, response, GitHubContext.Default.GitHubComment, ct);
    }
}
