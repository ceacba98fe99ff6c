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
/// <param name="here">The files as they lie there.</param>
/// <param name="commitish">Null is the recorded commit.</param>
public sealed class RecordedManifests(Workspace here, string? commitish, RepositoryOpener opener, IReporter reporter)
{
    private readonly Dictionary<string, Result<Workspace>> _byCommit = new(StringComparer.Ordinal);

    /// <exception cref="IOException">The disk failed, or git did.</exception>
    public async Task<Result<Workspace>> ReadAsync(PublishedTarget target, CancellationToken ct)
    {
        var recorded = target.Inputs.Observed.GetValueOrDefault(InputNames.GitCommit);
        if ((commitish ?? (recorded?.Contains('+', StringComparison.Ordinal) == false ? recorded : null)) is not { } commit)
            return Here(target, recorded is null ? "the release names no commit" : "there were changes that were not committed");
        if (!_byCommit.TryGetValue(commit, out var read))
            _byCommit[commit] = read = await opener.ReadAsync(new(here.HomePath, commit), ct);
        if (read.Value is not null || commitish is not null)
            return read;
        return Here(target, $"commit {commit[..Math.Min(10, commit.Length)]} is not in this repository");
    }

    private Workspace Here(PublishedTarget target, string why)
    {
        reporter.Announce($"{target.Id}: the manifests are taken as they lie in {here.HomePath}, because {why}");
        return here;
    }
}
