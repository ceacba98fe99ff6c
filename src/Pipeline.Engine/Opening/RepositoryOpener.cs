using System.Collections.Immutable;
using System.Globalization;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Reporting;
using Pipeline.Engine.Git;
using Pipeline.Engine.Manifests;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Manifests.Remote;
using Pipeline.Engine.Opening.Remotes;
using Pipeline.Oci.Cache;
using Pipeline.Oci.Sources;

namespace Pipeline.Engine.Opening;

/// <summary>Which manifests are meant.</summary>
/// <param name="RepositoryPath">Absolute.</param>
/// <param name="Commitish">A branch, tag or commit of the git repository around it; null is the files as they lie there.</param>
public sealed record RepositoryRequest(string RepositoryPath, string? Commitish)
{
    /// <summary>Nothing is fetched from elsewhere; what the cache holds must do.</summary>
    public bool Offline { get; init; }

    /// <summary>The remote of <see cref="Commitish"/>, a branch of one, is asked for what is new before each reading.</summary>
    public bool Fetch { get; init; }
}

/// <summary>What the opener is composed of.</summary>
public sealed record OpenerParts
{
    /// <summary>Gives an absolute path that exists; the caller's to delete when the workspace is no longer used. Asked only where it is needed.</summary>
    public required Func<string> Scratch { get; init; }

    /// <summary>Keeps trees from elsewhere.</summary>
    public required CacheTrees Cache { get; init; }

    /// <summary>Opens registries as <c>pipeline.yaml</c> says; the opener's caller disposes it.</summary>
    public required Func<PipelineConfig, ImageSources> Registries { get; init; }

    public IReporter Reporter { get; init; } = SilentReporter.Instance;

    internal RemoteFetcher Fetcher(PipelineConfig config) => new(() => Registries(config), Scratch) { Reporter = Reporter };
}

/// <summary>
/// From a repository, and a commit of it where one is named, to a workspace, with the manifests from elsewhere that
/// <c>pipeline.lock</c> pins. What is read at a commit lies in a directory of this process's own: everything that reads files
/// of the repository, scripts too, finds them there.
/// </summary>
public sealed class RepositoryOpener(OpenerParts parts)
{
    /// <summary>Places elsewhere that one repository may name, and rounds until no new one appears.</summary>
    private const int RemoteLimit = 32;

    private int _taken;

    /// <summary>Reads it as it is now: a branch may lead to another commit than the last time.</summary>
    /// <exception cref="IOException">The disk failed, or git did.</exception>
    public async Task<Result<Workspace>> ReadAsync(RepositoryRequest request, CancellationToken ct)
    {
        var files = await FindAsync(request, ct);
        if (!files.IsOk)
            return Result<Workspace>.Failed(files.Diagnostics);
        var (rootPath, commit) = files.Value!;
        var pinned = LockFile.Read(rootPath);
        if (!pinned.IsOk)
            return Result<Workspace>.Failed(pinned.Diagnostics);
        var remotes = new RemoteTrees();
        var read = await ReadAsync(rootPath, remotes, (config, reference) => MountAsync(config, reference, pinned.Value!, request, ct));
        var workspace = read.Value is { } found ? found with { HomePath = request.RepositoryPath, Commit = commit, Remotes = [.. remotes.Wanted.Select(r => r.Name)] } : null;
        return new(workspace, [.. files.Diagnostics, .. read.Diagnostics]);
    }

    /// <summary>What was fetched of a tree, or why it was not.</summary>
    public sealed record Mounted(string? Path, Diagnostic? Problem);

    /// <summary>Reads until no manifest names a place that was not asked for yet.</summary>
    /// <param name="mount">Called once for each place; null leaves it a place that is not locked.</param>
    public static async Task<Result<Workspace>> ReadAsync(
        string rootPath, RemoteTrees remotes, Func<PipelineConfig, RemoteReference, Task<Mounted?>> mount)
    {
        var asked = new HashSet<string>(StringComparer.Ordinal);
        while (true)
        {
            remotes.Forget();
            var read = WorkspaceReader.Read(rootPath, remotes);
            var open = remotes.Wanted.Where(r => asked.Add(r.Name)).ToList();
            if (asked.Count > RemoteLimit)
                return new(null, [.. read.Diagnostics, Diagnostic.Create(OpeningRules.TooManyRemotes, null, RemoteLimit)]);
            var isNew = false;
            foreach (var reference in open)
                isNew |= Add(remotes, reference, await mount(read.Value?.Config ?? new(), reference));
            if (!isNew)
                return read;
        }
    }

    private static bool Add(RemoteTrees remotes, RemoteReference reference, Mounted? mounted)
    {
        if (mounted is { Path: { } path })
            remotes.Add(reference.Name, path);
        else if (mounted is { Problem: { } problem })
            remotes.Fail(reference.Name, problem);
        return mounted is not null;
    }

    private async Task<Mounted?> MountAsync(
        PipelineConfig config, RemoteReference reference, ImmutableSortedDictionary<string, LockEntry> pinned, RepositoryRequest request, CancellationToken ct)
    {
        if (!pinned.TryGetValue(reference.Name, out var entry))
            return null;
        var store = new RemoteStore(parts.Cache);
        if (await store.FindAsync(entry.Content, ct) is { } there)
            return new(there, null);
        if (request.Offline)
            return new(null, Diagnostic.Create(RemoteRules.NotFetched, null, reference.Name, "the cache does not hold it"));
        try
        {
            var fetched = await parts.Fetcher(config).FetchAsync(reference, entry.Resolved, ct);
            if (!fetched.IsOk)
                return new(null, fetched.Diagnostics[0]);
            var kept = await store.KeepAsync(reference.Name, entry.Short, (fetched.Value!, entry.Content), ct);
            return kept.IsOk ? new(kept.Value.Path, null) : new(null, kept.Diagnostics[0]);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            return new(null, Diagnostic.Create(RemoteRules.NotFetched, null, reference.Name, e.Message.ReplaceLineEndings(" ").TrimEnd('.')));
        }
    }

    private async Task<Result<(string RootPath, string? Commit)>> FindAsync(RepositoryRequest request, CancellationToken ct)
    {
        if (request.Commitish is not { } commitish)
            return (request.RepositoryPath, null);
        var git = new GitRepository(request.RepositoryPath);
        ImmutableArray<Diagnostic> said = request is { Fetch: true, Offline: false } && await git.FetchAsync(commitish, ct) is { } problem ? [problem] : [];
        if (said.Any(d => d.Rule.Severity == Severity.Error))
            return Result<(string, string?)>.Failed(said);
        var commit = await git.FindCommitAsync(commitish, ct);
        if (!commit.IsOk)
            return Result<(string, string?)>.Failed([.. said, .. commit.Diagnostics]);
        var target = Directory.CreateDirectory(Path.Combine(parts.Scratch(), "commit" + (_taken++).ToString(CultureInfo.InvariantCulture))).FullName;
        var snapshot = await git.SnapshotAsync(commit.Value!, target, SnapshotLimits.Usual, ct);
        return snapshot.IsOk ? new((target, commit.Value), [.. said, .. snapshot.Diagnostics]) : Result<(string, string?)>.Failed([.. said, .. snapshot.Diagnostics]);
    }
}
