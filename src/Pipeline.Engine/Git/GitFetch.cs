using Pipeline.Core.Diagnostics;

namespace Pipeline.Engine.Git;

/// <summary>
/// Brings what a branch of a remote is now into the repository, with its owner's own configuration and credential helpers; nothing
/// asks for a password, and neither the work tree nor branches of one's own change.
/// </summary>
internal static class GitFetch
{
    private const string Tracked = "refs/remotes/";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <param name="commitish">REMOTE/BRANCH, as <c>origin/main</c>.</param>
    /// <returns>Null where it was fetched. An error where the name is no remote's; a warning where the remote failed: what was fetched before still stands.</returns>
    public static async Task<Diagnostic?> RunAsync(string rootPath, string commitish, CancellationToken ct)
    {
        var remotes = (await GitCommand.RunAsync(rootPath, ["remote"], ct))?.Split('\n', StringSplitOptions.RemoveEmptyEntries) ?? [];
        var name = commitish.StartsWith(Tracked, StringComparison.Ordinal) ? commitish[Tracked.Length..] : commitish;
        // Names of remotes may have slashes too.
        if (remotes.Where(r => name.StartsWith(r + "/", StringComparison.Ordinal)).MaxBy(r => r.Length) is not { } remote)
            return Diagnostic.Create(GitRules.NoRemoteBranch, null, commitish, remotes is [] ? "none" : string.Join(", ", remotes));
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(ct);
        deadline.CancelAfter(Patience);
        var start = GitCommand.Prepare(rootPath, ["fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head", "--", remote]);
        if (Environment.GetEnvironmentVariable("GIT_SSH_COMMAND") is { Length: > 0 } ssh)
            start.Environment["GIT_SSH_COMMAND"] = ssh;
        return await GitCommand.AskAsync(start, deadline, ct) switch
        {
            { ExitCode: 0 } => null,
            { } refused => Diagnostic.Create(GitRules.NotFetched, null, commitish, refused.Complaint),
            null => Diagnostic.Create(GitRules.NotFetched, null, commitish, $"git did not end within {Patience.TotalMinutes:0} minutes"),
        };
    }
}
