using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Git;
using Pipeline.Engine.Manifests.Models;

namespace Pipeline.Engine.Comparing;

/// <summary>Finds the beginning of a range of commits: where the line that is planned and another one parted.</summary>
public static class RangeReader
{
    /// <param name="now">What is planned, in the work tree or at a commit.</param>
    /// <param name="since">A branch, tag or commit.</param>
    /// <returns>The whole name of the newest commit that both have.</returns>
    public static async Task<Result<string>> BeginAsync(Workspace now, string since, CancellationToken ct)
    {
        var git = new GitRepository(now.HomePath) { Commit = now.Commit };
        var other = await git.FindCommitAsync(since, ct);
        if (!other.IsOk)
            return other;
        var head = now.Commit is { } commit ? commit : await git.FindCommitAsync("HEAD", ct);
        if (!head.IsOk)
            return head;
        return await git.MergeBaseAsync(other.Value!, head.Value!, ct) is { } found
            ? found
            : Result<string>.Failed(Diagnostic.Create(GitRules.NoCommonCommit, null, since, await git.HistoryAdviceAsync(ct)));
    }

    /// <param name="old">What the repository was at <paramref name="begin"/>; null where there was none.</param>
    /// <param name="begin">As <see cref="BeginAsync"/> gave it.</param>
    public static async Task<Result<ChangeSet>> CompareAsync(Workspace? old, Workspace now, string begin, CancellationToken ct)
    {
        var git = new GitRepository(now.HomePath) { Commit = now.Commit };
        return await git.ChangesAsync(begin, ct) is { } files
            ? await new RepositoryComparison(old, now, files).CompareAsync(ct)
            : Result<ChangeSet>.Failed(Diagnostic.Create(GitRules.NoDifference, null, now.HomePath, begin[..10]));
    }
}
