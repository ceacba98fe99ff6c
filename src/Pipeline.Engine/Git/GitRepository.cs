using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Pipeline.Core.Diagnostics;

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

    /// <summary>The commit that the manifests were read at; then it counts as the head, and nothing is uncommitted. Null is the work tree.</summary>
    public string? Commit { get; set; }

    /// <summary>Commits that are looked through for merges of pull requests.</summary>
    private const int MergeLimit = 5000;

    /// <summary>Null when there is no commit here (or no git).</summary>
    public async Task<GitHead?> HeadAsync(CancellationToken ct)
    {
        if (Commit is { } pinned)
            return new(pinned, IsDirty: false);
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
            ["log", "-z", "--no-merges", "--no-show-signature", $"--max-count={CommitLimit}", "--format=%H %s", $"{since}..{Commit ?? "HEAD"}", "--", .. paths],
            ct);
        return log is null
            ? null
            : [.. from entry in log.Split('\0', StringSplitOptions.RemoveEmptyEntries)
                  let space = entry.IndexOf(' ', StringComparison.Ordinal)
                  where space > 0
                  select new GitCommit(entry[..space], entry[(space + 1)..])];
    }

    /// <summary>The whole name of the commit that a branch, a tag, a part of a name or another <c>COMMIT-ISH</c> stands for.</summary>
    public async Task<Result<string>> FindCommitAsync(string commitish, CancellationToken ct)
    {
        var answer = await GitCommand.AskAsync(rootPath, ["rev-parse", "--verify", "--end-of-options", commitish + "^{commit}"], ct);
        if (answer is { ExitCode: 0 } && ObjectName().IsMatch(answer.Output.Trim()))
            return answer.Output.Trim();
        if (await GitCommand.AskAsync(rootPath, ["rev-parse", "--git-dir"], ct) is not { ExitCode: 0 })
            return Result<string>.Failed(Diagnostic.Create(GitRules.NoGit, null, rootPath, answer?.Complaint ?? "git does not answer"));
        return Result<string>.Failed(Diagnostic.Create(GitRules.NoCommit, null, commitish, rootPath, await HistoryAdviceAsync(ct)));
    }

    /// <summary>Brings what a branch of a remote is now; see <see cref="GitFetch.RunAsync"/>.</summary>
    public Task<Diagnostic?> FetchAsync(string commitish, CancellationToken ct) => GitFetch.RunAsync(rootPath, commitish, ct);

    /// <summary>Whether the history was cut when the repository was cloned.</summary>
    public async Task<bool> IsShallowAsync(CancellationToken ct) =>
        (await GitCommand.RunAsync(rootPath, ["rev-parse", "--is-shallow-repository"], ct))?.Trim() == "true";

    /// <summary>The newest commit that two have in common; null where none is known here.</summary>
    public async Task<string?> MergeBaseAsync(string one, string other, CancellationToken ct) =>
        ObjectName().IsMatch(one) && ObjectName().IsMatch(other)
            && await GitCommand.RunAsync(rootPath, ["merge-base", one, other], ct) is { } found && ObjectName().IsMatch(found.Trim())
            ? found.Trim()
            : null;

    /// <summary>The files of this folder that differ between a commit and <see cref="Commit"/>, or the work tree with what is not ignored in it.</summary>
    /// <returns>Null when git does not answer.</returns>
    public async Task<ImmutableArray<GitChange>?> ChangesAsync(string since, CancellationToken ct)
    {
        if (!ObjectName().IsMatch(since))
            return null;
        string[] commits = Commit is { } until ? [since, until] : [since];
        var diff = await GitCommand.RunAsync(
            rootPath, ["diff", "-z", "--name-status", "-M", "--no-ext-diff", "--no-textconv", "--ignore-submodules=dirty", "--relative", .. commits, "--", "."], ct);
        var others = Commit is not null ? "" : await GitCommand.RunAsync(rootPath, ["ls-files", "-z", "--others", "--exclude-standard", "--", "."], ct);
        if (diff is null || others is null)
            return null;
        var added = others.Split('\0', StringSplitOptions.RemoveEmptyEntries).Select(p => new GitChange(GitChangeKind.Added, p, null));
        return [.. GitChange.Parse(diff).Concat(added).OrderBy(c => c.Path, StringComparer.Ordinal)];
    }

    /// <summary>Writes the files that this folder has at a commit. The work tree and the index are neither read nor changed.</summary>
    /// <param name="commit">As <see cref="FindCommitAsync"/> gave it.</param>
    /// <param name="targetPath">Absolute, exists and is empty; the caller's to delete.</param>
    /// <exception cref="IOException">The disk failed, or git did.</exception>
    public async Task<Result<GitSnapshot>> SnapshotAsync(string commit, string targetPath, SnapshotLimits limits, CancellationToken ct)
    {
        if (!ObjectName().IsMatch(commit))
            throw new ArgumentException($"'{commit}' is not the whole name of a commit", nameof(commit));
        var prefix = (await GitCommand.RunAsync(rootPath, ["rev-parse", "--show-prefix"], ct))?.TrimEnd('\n') ?? "";
        var gitDirectory = (await GitCommand.RunAsync(rootPath, ["rev-parse", "--path-format=absolute", "--git-common-dir"], ct))?.TrimEnd('\n') ?? rootPath;
        var treeish = prefix.Length == 0 ? commit : $"{commit}:{prefix}";
        if (await GitTree.ListAsync(rootPath, treeish, ct) is not { } entries)
            return Result<GitSnapshot>.Failed(Diagnostic.Create(GitRules.NoFolder, null, prefix.Length == 0 ? "." : prefix, commit[..10]));
        var said = await new SnapshotWriter(rootPath, gitDirectory, commit[..10], limits).WriteAsync(entries, targetPath, ct);
        return new(new(commit, targetPath), said);
    }

    /// <summary>What may bring a commit that is not here.</summary>
    internal async Task<string> HistoryAdviceAsync(CancellationToken ct) => await IsShallowAsync(ct)
        ? "this clone has only a part of the history: 'git fetch --unshallow' brings the rest (in GitHub's checkout action: fetch-depth: 0)"
        : "name a branch, a tag or a commit that 'git log' shows, or fetch it first";

    /// <summary>
    /// Which commits after <paramref name="since"/> came with a merge of a pull request, by hash: those that the merge's first
    /// parent did not have. Empty where the history cannot be told.
    /// </summary>
    public async Task<ImmutableDictionary<string, int>> PullRequestsAsync(string since, CancellationToken ct)
    {
        if (!ObjectName().IsMatch(since))
            return ImmutableDictionary<string, int>.Empty;
        var log = await GitCommand.RunAsync(
            rootPath, ["log", "-z", "--topo-order", "--no-show-signature", $"--max-count={MergeLimit}", "--format=%H%x09%P%x09%s", $"{since}..HEAD"], ct);
        return log is null ? ImmutableDictionary<string, int>.Empty : MergedCommits.Find(log);
    }

    [GeneratedRegex("^[0-9a-f]{40,64}$")]
    private static partial Regex ObjectName();
}
