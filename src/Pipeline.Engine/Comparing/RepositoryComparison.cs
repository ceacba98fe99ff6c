using System.Collections.Immutable;
using Pipeline.Engine.Git;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Planning;

namespace Pipeline.Engine.Comparing;

/// <summary>
/// Which images a range of commits touches, and why. Both ends are read whole and what decides is compared: a comment in a
/// manifest touches nothing, a file that a base's script reads touches every image that extends it. Asks nobody.
/// </summary>
/// <param name="old">Null where there was no repository of manifests yet.</param>
/// <param name="files">What differs between the two, from git.</param>
public sealed class RepositoryComparison(Workspace? old, Workspace now, ImmutableArray<GitChange> files)
{
    /// <exception cref="IOException">A file that a manifest names is gone while it is read.</exception>
    public async Task<ChangeSet> CompareAsync(CancellationToken ct)
    {
        var changes = new List<ImageChange>();
        var effective = new HashSet<GitChange>();
        foreach (var name in Names(now).Union(old is null ? [] : Names(old), StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            var found = await CompareAsync(name, ct);
            if (found.Change is null)
                continue;
            changes.Add(found.Change);
            effective.UnionWith(found.Files);
        }
        return new([.. changes], [.. files.Where(f => !effective.Contains(f))]);
    }

    private static IEnumerable<string> Names(Workspace workspace) => workspace.Images.Select(i => i.Name).Concat(workspace.InvalidImages);

    private async Task<(ImageChange? Change, IReadOnlyList<GitChange> Files)> CompareAsync(string name, CancellationToken ct)
    {
        var (was, isNow) = (Find(old, name), Find(now, name));
        var folder = files.Where(f => f.Touches($"images/{name}")).ToList();
        if (now.InvalidImages.Contains(name))
            return old?.InvalidImages.Contains(name) == true && folder.Count == 0 ? (null, []) : (new(name, ImageChangeKind.Invalid, [], Texts(folder)), folder);
        if (isNow is null)
            return RenamedTo(name) is not null ? (null, []) : (new(name, ImageChangeKind.Deleted, [], Texts(folder)), folder);
        var (chains, through) = Explain(was, isNow);
        if (was is null && old?.InvalidImages.Contains(name) != true)
        {
            var before = RenamedFrom(name);
            return (new(name, before is null ? ImageChangeKind.Added : ImageChangeKind.Renamed, [], Texts(folder)) { OldName = before }, folder);
        }
        ImmutableArray<string> inputs = was is null
            ? ["its manifest had mistakes before"]
            : Differences(await DecidingInputs.OfAsync(old!, was, ct), await DecidingInputs.OfAsync(now, isNow, ct));
        var isTouched = !inputs.IsEmpty || IsSourceTouched(isNow, through);
        return isTouched ? (new(name, ImageChangeKind.Changed, inputs, chains), through) : (null, []);
    }

    private static ImageManifest? Find(Workspace? workspace, string name) => workspace?.Images.FirstOrDefault(i => i.Name == name);

    private static ImmutableArray<string> Texts(IEnumerable<GitChange> changes) => [.. changes.Select(c => c.ToString())];

    /// <summary>An archive or layout in the repository: that its bytes differ is all that is known.</summary>
    private bool IsSourceTouched(ImageManifest image, List<GitChange> through) =>
        image.Source.Text.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon
        && Path.GetRelativePath(now.RootPath, Path.GetFullPath(image.Source.Text[(colon + 1)..].Split(':')[0], image.Source.BaseDirectoryPath)) is var path
        && !image.Source.Text.StartsWith("command:", StringComparison.Ordinal)
        && through.Any(f => f.Touches(path));

    private string? RenamedFrom(string name) =>
        old is not null
        && files.FirstOrDefault(f => f.Kind == GitChangeKind.Renamed && f.Path == $"images/{name}/image.yaml")?.OldPath?.Split('/') is ["images", var before, "image.yaml"]
        && Find(now, before) is null && !now.InvalidImages.Contains(before)
            ? before
            : null;

    private string? RenamedTo(string name) =>
        files.FirstOrDefault(f => f.Kind == GitChangeKind.Renamed && f.OldPath == $"images/{name}/image.yaml")?.Path.Split('/') is ["images", var after, "image.yaml"]
        && Find(now, after) is not null && Find(old, after) is null
            ? after
            : null;

    private (ImmutableArray<string> Chains, List<GitChange> Files) Explain(ImageManifest? was, ImageManifest isNow)
    {
        var before = was is null ? null : new FileChain(old!, was);
        var after = new FileChain(now, isNow);
        var explained = files.Select(f => (File: f, Text: after.Explain(f) ?? before?.Explain(f))).Where(e => e.Text is not null).ToList();
        return ([.. explained.Select(e => e.Text!).Distinct(StringComparer.Ordinal)], [.. explained.Select(e => e.File)]);
    }

    private static ImmutableArray<string> Differences(
        ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, string>> was,
        ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, string>> isNow)
    {
        var boards = from board in was.Keys.Union(isNow.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal)
                     where !was.ContainsKey(board) || !isNow.ContainsKey(board)
                     select $"board {board} {(isNow.ContainsKey(board) ? "added" : "removed")}";
        var common = was.Keys.Where(k => k.Length > 0 && isNow.ContainsKey(k)).ToList();
        var inputs = from board in was.Keys.Where(isNow.ContainsKey)
                     from reason in Planner.Differences(was[board], isNow[board])
                     group board by reason.ToString() into same
                     select same.Count() == common.Count || same.Contains("") ? same.Key : $"{string.Join(", ", same)}: {same.Key}";
        return [.. boards, .. inputs];
    }
}
