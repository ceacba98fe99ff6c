using Pipeline.Core.Diagnostics;
using Pipeline.Core.Reporting;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Opening;
using Pipeline.Engine.Planning;

namespace Pipeline.Engine.Verifying;

/// <summary>
/// The manifests that a target was built of: those of a commit that somebody names, else of the recorded one, else the files
/// as they lie there, which is said.
/// </summary>
/// <param name="request">The repository; a commit in it comes before the recorded one.</param>
public sealed class RecordedManifests(RepositoryRequest request, RepositoryOpener opener, IReporter reporter)
{
    private const string WorkTree = "";
    private readonly Dictionary<string, Result<Workspace>> _byCommit = new(StringComparer.Ordinal);

    /// <exception cref="IOException">The disk failed, or git did.</exception>
    public async Task<Result<Workspace>> ReadAsync(PublishedTarget target, CancellationToken ct)
    {
        var recorded = target.Inputs.Observed.GetValueOrDefault(InputNames.GitCommit);
        if ((request.Commitish ?? (recorded?.Contains('+', StringComparison.Ordinal) == false ? recorded : null)) is not { } commit)
            return await HereAsync(target, recorded is null ? "the release names no commit" : "there were changes that were not committed", ct);
        var read = await ReadAsync(commit, ct);
        if (read.Value is not null || request.Commitish is not null)
            return read;
        return await HereAsync(target, $"commit {commit[..Math.Min(10, commit.Length)]} is not in this repository", ct);
    }

    private Task<Result<Workspace>> HereAsync(PublishedTarget target, string why, CancellationToken ct)
    {
        reporter.Announce($"{target.Id}: the manifests are taken as they lie in {request.RepositoryPath}, because {why}");
        return ReadAsync(WorkTree, ct);
    }

    private async Task<Result<Workspace>> ReadAsync(string commit, CancellationToken ct)
    {
        if (!_byCommit.TryGetValue(commit, out var read))
            _byCommit[commit] = read = await opener.ReadAsync(request with { Commitish = commit == WorkTree ? null : commit }, ct);
        return read;
    }
}
