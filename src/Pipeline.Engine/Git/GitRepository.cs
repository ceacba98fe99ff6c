using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Pipeline.Engine.Git;

/// <param name="Subject">First line of the message, as its author wrote it: not escaped for anything.</param>
public sealed record GitCommit(string Hash, string Subject)
{
    public string ShortHash => Hash[..Math.Min(10, Hash.Length)];
}

/// <param name="IsDirty">Something in the repository's directory differs from the commit, or is not in it and not ignored.</param>
public sealed record GitHead(string Commit, bool IsDirty);

/// <summary>
/// What the git repository around the manifests can tell. Everything is optional: without git, without a repository or
/// with a history that was cut, the answers are null and the release just says less.
/// </summary>
public sealed partial class GitRepository(string rootPath)
{
    /// <summary>More than anybody reads in release notes.</summary>
    public const int CommitLimit = 200;

    /// <summary>Null when there is no commit here (or no git).</summary>
    public async Task<GitHead?> HeadAsync(CancellationToken ct)
    {
        var commit = await GitCommand.RunAsync(rootPath, ["rev-parse", "--verify", "--quiet", "HEAD^{commit}"], ct);
        if (commit is null || !ObjectName().IsMatch(commit.Trim()))
            return null;
        var status = await GitCommand.RunAsync(
            rootPath, ["status", "--porcelain", "-z", "--untracked-files=normal", "--ignore-submodules=all", "--", "."], ct);
        return new(commit.Trim(), IsDirty: status is not "");
    }

    /// <summary>Where a remote leads, as git would fetch from it; it may hold a password. Null when there is no such remote.</summary>
    public async Task<string?> RemoteUrlAsync(string remote, CancellationToken ct) =>
        (await GitCommand.RunAsync(rootPath, ["remote", "get-url", "--", remote], ct))?.Trim() is { Length: > 0 } url ? url : null;

    /// <summary>The commits after <paramref name="since"/> that touched one of the paths, newest first, merges left out.</summary>
    /// <param name="paths">Relative to the root; taken literally.</param>
    /// <returns>Null where the history does not hold <paramref name="since"/>.</returns>
    public async Task<ImmutableArray<GitCommit>?> LogAsync(string since, ImmutableArray<string> paths, CancellationToken ct)
    {
        if (!ObjectName().IsMatch(since) || paths.IsEmpty)
            return null;
        var log = await GitCommand.RunAsync(
            rootPath,
            ["log", "-z", "--no-merges", "--no-show-signature", $"--max-count={CommitLimit}", "--format=%H %s", $"{since}..HEAD", "--", .. paths],
            ct);
        return log is null
            ? null
            : [.. from entry in log.Split('\0', StringSplitOptions.RemoveEmptyEntries)
                  let space = entry.IndexOf(' ', StringComparison.Ordinal)
                  where space > 0
                  select new GitCommit(entry[..space], entry[(space + 1)..])];
    }

    [GeneratedRegex("^[0-9a-f]{40,64}$")]
    private static partial Regex ObjectName();
}
