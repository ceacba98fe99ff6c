using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Git;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Manifests.Remote;

namespace Pipeline.Engine.Opening.Remotes;

/// <summary>What became of one entry of the lock file.</summary>
/// <param name="Old">Null for a new one.</param>
/// <param name="New">Null for one that no manifest names any more.</param>
public sealed record LockMove(string Name, LockEntry? Old, LockEntry? New)
{
    public bool IsMove => Old?.Resolved != New?.Resolved || Old?.Content != New?.Content;
}

/// <param name="Workspace">The repository with the new pins.</param>
/// <param name="Mistakes">Of the manifests with the new pins. A name that is mistaken is not known, so its pin seems to be no longer needed.</param>
public sealed record LockUpdateResult(ImmutableArray<LockMove> Moves, Workspace Workspace, ImmutableArray<Diagnostic> Mistakes);

/// <summary>
/// Looks up where the names of manifests from elsewhere lead now, fetches that, and follows what it names in turn. Entries
/// that nobody asked for keep their pins; entries that nobody names go.
/// </summary>
/// <param name="isWanted">Which of the pinned names shall move; new ones always do.</param>
public sealed class LockUpdate(OpenerParts parts, Func<string, bool> isWanted)
{
    private readonly RemoteStore _store = new(parts.Cache);

    /// <summary>Changes nothing but the cache; the caller writes the file.</summary>
    public async Task<Result<LockUpdateResult>> RunAsync(string rootPath, CancellationToken ct)
    {
        var pinned = LockFile.Read(rootPath);
        if (!pinned.IsOk)
            return Result<LockUpdateResult>.Failed(pinned.Diagnostics);
        var entries = new SortedDictionary<string, LockEntry>(StringComparer.Ordinal);
        var problems = new List<Diagnostic>();
        var remotes = new RemoteTrees();
        var read = await RepositoryOpener.ReadAsync(rootPath, remotes, async (config, reference) =>
        {
            var old = pinned.Value!.GetValueOrDefault(reference.Name);
            var moved = await MoveAsync(config, reference, old is not null && !isWanted(reference.Name) ? old : null, ct);
            if (moved.IsOk)
                entries[reference.Name] = moved.Value.Entry;
            else
                problems.AddRange(moved.Diagnostics);
            return moved.IsOk ? new(moved.Value.Path, null) : new(null, moved.Diagnostics[0]);
        });
        if (read.Value is not { } workspace || problems.Count > 0)
            return Result<LockUpdateResult>.Failed(problems.Count > 0 ? problems : read.Diagnostics);
        var names = pinned.Value!.Keys.Union(entries.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal);
        ImmutableArray<LockMove> moves = [.. names.Select(n => new LockMove(n, pinned.Value!.GetValueOrDefault(n), entries.GetValueOrDefault(n)))];
        return new LockUpdateResult(moves, workspace with { Remotes = [.. entries.Keys] }, [.. read.Diagnostics.Where(d => d.Rule.Severity == Severity.Error)]);
    }

    private async Task<Result<(LockEntry Entry, string Path)>> MoveAsync(PipelineConfig config, RemoteReference reference, LockEntry? keep, CancellationToken ct)
    {
        try
        {
            if (keep is not null && await _store.FindAsync(keep.Content, ct) is { } there)
                return (keep, there);
            var fetcher = parts.Fetcher(config);
            var resolved = keep?.Resolved ?? await fetcher.ResolveAsync(reference, ct);
            var fetched = await fetcher.FetchAsync(reference, resolved, ct);
            if (!fetched.IsOk)
                return Result<(LockEntry, string)>.Failed(fetched.Diagnostics);
            var kept = await _store.KeepAsync(reference.Name, resolved, (fetched.Value!, keep?.Content), ct);
            return kept.IsOk ? (new LockEntry(reference.Name, resolved, kept.Value.Content), kept.Value.Path) : Result<(LockEntry, string)>.Failed(kept.Diagnostics);
        }
        catch (RemoteNameException e)
        {
            return Result<(LockEntry, string)>.Failed(Diagnostic.Create(OpeningRules.NameNotFound, null, e.Message));
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            return Result<(LockEntry, string)>.Failed(Diagnostic.Create(OpeningRules.Unresolved, null, reference.Name, e.Message.ReplaceLineEndings(" ").TrimEnd('.')));
        }
    }

    /// <summary>Which pins are behind what their names lead to now; what cannot be asked is left out.</summary>
    public static async Task<ImmutableArray<(LockEntry Pinned, string Newest)>> BehindAsync(
        OpenerParts parts, Workspace workspace, CancellationToken ct)
    {
        var behind = ImmutableArray.CreateBuilder<(LockEntry, string)>();
        var pinned = LockFile.Read(workspace.RootPath).Value ?? ImmutableSortedDictionary<string, LockEntry>.Empty;
        foreach (var entry in workspace.Remotes.Select(r => pinned.GetValueOrDefault(r)).OfType<LockEntry>())
        {
            // The name has no file in it; any will do to take it apart.
            if (!RemoteReference.TryParse(WithFile(entry.Name), out var reference, out _))
                continue;
            try
            {
                var newest = await parts.Fetcher(workspace.Config).ResolveAsync(reference, ct);
                if (newest != entry.Resolved)
                    behind.Add((entry, newest));
            }
            catch (Exception e) when (e is IOException or HttpRequestException)
            {
                // A notice is not worth a failure: what is pinned counts.
            }
        }
        return behind.ToImmutable();
    }

    private static string WithFile(string name)
    {
        var query = name.IndexOf('?', StringComparison.Ordinal);
        return query < 0 ? name + "//x" : name[..query] + "//x" + name[query..];
    }
}
