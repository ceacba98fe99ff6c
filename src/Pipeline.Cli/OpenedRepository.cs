using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Opening;
using Pipeline.Engine.Reconciling;
using Pipeline.Engine.Resolving;
using Pipeline.Oci.Sources;

namespace Pipeline.Cli;

/// <summary>The manifests that a run is about, in the work tree or at a commit, and what was selected of them. Mistakes of both are told.</summary>
internal sealed class OpenedRepository : IAsyncDisposable
{
    private readonly Run _run;
    private readonly Lazy<ScratchDirectory> _scratch;
    private readonly RepositoryOpener _opener;
    private ImageSources? _sources;
    private Workspace? _current;

    private OpenedRepository(Run run)
    {
        _run = run;
        Request = new(run.RepositoryPath, run.Value(run.Common.Ref)) { Offline = run.Value(run.Common.Offline), Fetch = run.Value(run.Common.Fetch) };
        _scratch = new(() => ScratchDirectory.Create(Path.Combine(run.CachePath, "commits"), ""));
        Parts = new()
        {
            Scratch = () => _scratch.Value.Path,
            Cache = new(run.CachePath, TimeProvider.System),
            Registries = config => _sources ??= Composition.OpenSources(run, config),
            Reporter = run.Teller,
        };
        _opener = new(Parts);
        Selection = new([.. run.Value(run.Common.Images) ?? []], [.. run.Value(run.Common.Boards) ?? []]);
    }

    public RepositoryRequest Request { get; }

    public OpenerParts Parts { get; }

    /// <summary>Null where there is nothing to go on with; then <see cref="Exit"/> says what the verb ends with.</summary>
    public Workspace? Workspace { get; private set; }

    public TargetSelection Selection { get; }

    public ExitCode Exit { get; private set; }

    /// <summary>What was said about the manifests.</summary>
    public ImmutableArray<Diagnostic> Diagnostics { get; private set; } = [];

    /// <summary>Whether there is something to go on with although <c>pipeline.yaml</c> has mistakes; every image is invalid then.</summary>
    private bool TakesBrokenConfig { get; init; }

    /// <summary>Nothing is read yet.</summary>
    public static OpenedRepository Prepare(Run run) => new(run);

    /// <exception cref="IOException">The disk failed, or git did.</exception>
    public static Task<OpenedRepository> OpenAsync(Run run, CancellationToken ct) => OpenAsync(new OpenedRepository(run), ct);

    /// <summary>For those who only tell how the manifests stand: also where <c>pipeline.yaml</c> has mistakes, which keep all others from doing anything.</summary>
    /// <exception cref="IOException">The disk failed, or git did.</exception>
    public static Task<OpenedRepository> OpenToTellAsync(Run run, CancellationToken ct) => OpenAsync(new OpenedRepository(run) { TakesBrokenConfig = true }, ct);

    private static async Task<OpenedRepository> OpenAsync(OpenedRepository opened, CancellationToken ct)
    {
        try
        {
            await opened.ReadAsync(ct);
            return opened;
        }
        catch
        {
            await opened.DisposeAsync();
            throw;
        }
    }

    /// <summary>The repository as it is now. What the last reading gave must no longer be in use: files of a commit are deleted.</summary>
    public async Task<Result<Workspace>> ReadAgainAsync(CancellationToken ct)
    {
        var read = await _opener.ReadAsync(Request, ct);
        if (read.Value is { } workspace)
            Leave(Interlocked.Exchange(ref _current, workspace));
        return read;
    }

    /// <summary>A watch reads a commit for each round, and runs for months.</summary>
    private static void Leave(Workspace? last)
    {
        if (last is not { Commit: not null } || last.RootPath == last.HomePath)
            return;
        try
        {
            Directory.Delete(last.RootPath, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It goes with the scratch directory.
        }
    }

    /// <summary>The repository at another commit, beside what is open; what is wrong there is not told.</summary>
    /// <returns>Null where there were no manifests.</returns>
    public async Task<Workspace?> ReadOtherAsync(string commit, CancellationToken ct) =>
        (await _opener.ReadAsync(Request with { Commitish = commit, Fetch = false }, ct)).Value;

    public async ValueTask DisposeAsync()
    {
        if (_sources is not null)
            await _sources.DisposeAsync();
        if (_scratch.IsValueCreated)
            _scratch.Value.Dispose();
    }

    private async Task ReadAsync(CancellationToken ct)
    {
        var read = await _opener.ReadAsync(Request, ct);
        Diagnostics = read.Diagnostics;
        _run.Tell(Diagnostics);
        Exit = ExitCode.Mend;
        if (read.Value is not { } workspace || !(workspace.HasSoundConfig || TakesBrokenConfig))
            return;
        _current = workspace;
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
