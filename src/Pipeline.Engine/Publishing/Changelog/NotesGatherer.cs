using System.Collections.Immutable;
using Pipeline.Engine.Git;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Planning;
using Pipeline.Engine.Publishing.GitHub;

namespace Pipeline.Engine.Publishing.Changelog;

/// <summary>Puts together what notes are made of; asks git, and nobody else.</summary>
/// <param name="git">Null outside of git: then the notes name no commits.</param>
/// <param name="isOnGitHub">Releases are GitHub's: then the repository's host is one, whatever its name.</param>
internal sealed class NotesGatherer(GitRepository? git, NotesConfig config, bool isOnGitHub)
{
    public async Task<ReleaseNotesInput> GatherAsync(ReleaseContents contents, GitHead? head, CancellationToken ct)
    {
        var (request, old) = (contents.Request, contents.Request.Seen?.Record);
        var since = git is null || head is null ? null : old?.Commit;
        var commits = since is null ? null : await git!.LogAsync(since, PathsOf(request), ct);
        return new(contents.Record, old, request.Image.Description)
        {
            Reasons = request.Steps.ToImmutableDictionary(s => s.Target.Id, s => s.Because),
            Commits = commits,
            PullRequests = commits is { IsEmpty: false } ? await git!.PullRequestsAsync(since!, ct) : ImmutableDictionary<string, int>.Empty,
            HasUncommittedChanges = head?.IsDirty ?? false,
            RepositoryAddress = request.Built.Select(a => Address(a.Target.Inputs!)).FirstOrDefault(a => a is not null),
            Platforms = contents.Packages.Platforms,
            Highlights = config.Highlights,
        };
    }

    private string? Address(BuildInputs inputs) =>
        inputs.Observed.GetValueOrDefault(InputNames.GitRepository) is { } repository && GitHubRemote.TryParse(repository) is { } remote
        && (isOnGitHub || remote.Host is "github.com" || remote.Host.EndsWith(".ghe.com", StringComparison.Ordinal))
            ? $"https://{remote.Host}/{remote.Owner}/{remote.Repository}"
            : null;

    /// <summary>The image's folders, those that it extends, and its boards: what can have changed it.</summary>
    private static ImmutableArray<string> PathsOf(ReleaseRequest request) =>
        [.. request.Image.Folders.Concat(request.Steps.Select(s => s.Target.Board.Span.File)).Distinct().Order(StringComparer.Ordinal)];
}
