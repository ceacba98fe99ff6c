using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Opening;
using Pipeline.Engine.Reconciling;
using Pipeline.Engine.Resolving;

namespace Pipeline.Cli;

/// <summary>The manifests that a run is about, in the work tree or at a commit, and what was selected of them. Mistakes of both are told.</summary>
internal sealed class OpenedRepository : IDisposable
{
    private readonly Run _run;
    private readonly Lazy<ScratchDirectory> _scratch;
    private readonly RepositoryOpener _opener;

    private OpenedRepository(Run run)
    {
        _run = run;
        Request = new(run.RepositoryPath, run.Value(run.Common.Ref));
        _scratch = new(() => ScratchDirectory.Create(Path.Combine(run.CachePath, "commits"), ""));
        _opener = new(() => _scratch.Value.Path);
        Selection = new([.. run.Value(run.Common.Images) ?? []], [.. run.Value(run.Common.Boards) ?? []]);
    }

    public RepositoryRequest Request { get; }

    /// <summary>Null where there is nothing to go on with; then <see cref="Exit"/> says what the verb ends with.</summary>
    public Workspace? Workspace { get; private set; }

    public TargetSelection Selection { get; }

    public ExitCode Exit { get; private set; }

    /// <summary>What was said about the manifests.</summary>
    public ImmutableArray<Diagnostic> Diagnostics { get; private set; } = [];

    /// <exception cref="IOException">The disk failed, or git did.</exception>
    public static async Task<OpenedRepository> OpenAsync(Run run, CancellationToken ct)
    {
        var opened = new OpenedRepository(run);
        try
        {
            await opened.ReadAsync(ct);
            return opened;
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <summary>The repository as it is now. What the last reading gave must no longer be in use.</summary>
    public Task<Result<Workspace>> ReadAgainAsync(CancellationToken ct) => _opener.ReadAsync(Request, ct);

    /// <summary>The repository at another commit, beside what is open; what is wrong there is not told.</summary>
    /// <returns>Null where there were no manifests.</returns>
    public async Task<Workspace?> ReadOtherAsync(string commit, CancellationToken ct) =>
        (await _opener.ReadAsync(Request with { Commitish = commit }, ct)).Value;

    public void Dispose()
    {
        if (_scratch.IsValueCreated)
            _scratch.Value.Dispose();
    }

    private async Task ReadAsync(CancellationToken ct)
    {
        var read = await _opener.ReadAsync(Request, ct);
        Diagnostics = read.Diagnostics;
        _run.Tell(Diagnostics);
        Exit = ExitCode.Mend;
        if (read.Value is not { } workspace)
            return;
        if (workspace.Commit is { } commit)
            TellCommit(Request.Commitish!, commit);
        var unknown = Selection.Check(workspace);
        _run.Tell(unknown);
        Exit = ExitCode.WrongArguments;
        Workspace = unknown.IsEmpty ? workspace : null;
    }

    private void TellCommit(string commitish, string commit)
    {
        _run.Teller.Announce(commit.StartsWith(commitish, StringComparison.Ordinal) ? $"manifests at {commit[..10]}" : $"manifests at {commitish} ({commit[..10]})");
        _run.Results.WriteJson("repository", json =>
        {
            json.WriteString("ref", commitish);
            json.WriteString("commit", commit);
        });
    }
}
