using System.Diagnostics;
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
        var start = Prepare(rootPath, ["fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head", "--", remote]);
        return await GitCommand.AskAsync(start, deadline, ct) switch
        {
            { ExitCode: 0 } => await IsGoneAsync(rootPath, remote, name[(remote.Length + 1)..], ct)
                ? Diagnostic.Create(GitRules.NotFetched, null, commitish, $"'{remote}' no longer has the branch '{name[(remote.Length + 1)..]}'")
                : null,
            { } refused => Diagnostic.Create(GitRules.NotFetched, null, commitish, refused.Complaint),
            null => Diagnostic.Create(GitRules.NotFetched, null, commitish, $"git did not end within {Patience.TotalMinutes:0} minutes"),
        };
    }

    /// <summary>
    /// Whether a branch that was fetched once is there no more: git leaves what it was, for ever. Only where the names here are
    /// those of the remote; what else may stand behind a remote's name, such as origin/main~1, is not judged.
    /// </summary>
    private static async Task<bool> IsGoneAsync(string rootPath, string remote, string branch, CancellationToken ct)
    {
        var usual = $"refs/heads/*:{Tracked}{remote}/*";
        if (await GitCommand.RunAsync(rootPath, ["for-each-ref", "--format=%(objectname) %(symref)", $"{Tracked}{remote}/{branch}"], ct) is not { } here || here.Trim().Contains(' ') || here.Length == 0
            || await GitCommand.RunAsync(rootPath, ["config", "--get-all", $"remote.{remote}.fetch"], ct) is not { } specs || !specs.Split('\n').Any(s => s.TrimStart('+') == usual))
            return false;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(ct);
        deadline.CancelAfter(Patience);
        return await GitCommand.AskAsync(Prepare(rootPath, ["ls-remote", "--quiet", "--", remote, $"refs/heads/{branch}"]), deadline, ct) is { ExitCode: 0, Output: "" };
    }

    /// <summary>A question to a remote, with what the user says of ssh.</summary>
    private static ProcessStartInfo Prepare(string rootPath, string[] arguments)
    {
        var start = GitCommand.Prepare(rootPath, arguments);
        if (Environment.GetEnvironmentVariable("GIT_SSH_COMMAND") is { Length: > 0 } ssh)
            start.Environment["GIT_SSH_COMMAND"] = ssh;
        return start;
    }
}
