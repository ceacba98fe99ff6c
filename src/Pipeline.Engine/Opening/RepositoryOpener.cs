using System.Globalization;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Units;
using Pipeline.Engine.Git;
using Pipeline.Engine.Manifests;
using Pipeline.Engine.Manifests.Models;

namespace Pipeline.Engine.Opening;

/// <summary>Which manifests are meant.</summary>
/// <param name="RepositoryPath">Absolute.</param>
/// <param name="Commitish">A branch, tag or commit of the git repository around it; null is the files as they lie there.</param>
public sealed record RepositoryRequest(string RepositoryPath, string? Commitish);

/// <summary>
/// From a repository, and a commit of it where one is named, to a workspace. What is read at a commit lies in a directory
/// of this process's own: everything that reads files of the repository, scripts too, finds them there.
/// </summary>
/// <param name="scratch">Gives an absolute path that exists; the caller's to delete when the workspace is no longer used. Asked only where it is needed.</param>
public sealed class RepositoryOpener(Func<string> scratch)
{
    private int _taken;

    /// <summary>Reads it as it is now: a branch may lead to another commit than the last time.</summary>
    /// <exception cref="IOException">The disk failed, or git did.</exception>
    public async Task<Result<Workspace>> ReadAsync(RepositoryRequest request, CancellationToken ct)
    {
        if (request.Commitish is not { } commitish)
            return WorkspaceReader.Read(request.RepositoryPath);
        var git = new GitRepository(request.RepositoryPath);
        var commit = await git.FindCommitAsync(commitish, ct);
        return commit.IsOk ? await ReadAtAsync(git, request.RepositoryPath, commit.Value!, ct) : Result<Workspace>.Failed(commit.Diagnostics);
    }

    /// <param name="commit">The whole name of a commit.</param>
    private async Task<Result<Workspace>> ReadAtAsync(GitRepository git, string homePath, string commit, CancellationToken ct)
    {
        var target = Directory.CreateDirectory(Path.Combine(scratch(), "commit" + (_taken++).ToString(CultureInfo.InvariantCulture))).FullName;
        var snapshot = await git.SnapshotAsync(commit, target, SnapshotLimits.Usual, ct);
        if (!snapshot.IsOk)
            return Result<Workspace>.Failed(snapshot.Diagnostics);
        var read = WorkspaceReader.Read(target);
        var workspace = read.Value is { } found ? found with { HomePath = homePath, Commit = commit } : null;
        return new(workspace, [.. snapshot.Diagnostics, .. read.Diagnostics]);
    }
}
