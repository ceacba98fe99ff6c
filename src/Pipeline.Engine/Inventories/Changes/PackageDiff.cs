using System.Collections.Immutable;
using Pipeline.Engine.Inventories.Versions;

namespace Pipeline.Engine.Inventories.Changes;

/// <summary>
/// What changed between two inventories. A name with an architecture is a set of versions: several kernels may be installed
/// side by side. Never assumes that the newer image has the newer versions.
/// </summary>
public static class PackageDiff
{
    /// <returns>In order of manager, name, architecture.</returns>
    public static ImmutableArray<PackageChange> Compare(PackageInventory old, PackageInventory now)
    {
        var (before, after) = (Group(old), Group(now));
        var changes = before.Keys.Union(after.Keys).Select(key => Compare(before.GetValueOrDefault(key, []), after.GetValueOrDefault(key, []))).OfType<PackageChange>();
        return
        [
            .. PairArchitectures(changes, before, after)
                .OrderBy(c => c.Manager).ThenBy(c => c.Name, StringComparer.Ordinal).ThenBy(c => c.Architecture, StringComparer.Ordinal),
        ];
    }

    private static Dictionary<(PackageManager, string, string), ImmutableArray<Package>> Group(PackageInventory inventory) =>
        inventory.Packages.GroupBy(p => (p.Manager, p.Name, p.Architecture)).ToDictionary(g => g.Key, g => Sort(g));

    /// <summary>Oldest first; where the manager cannot tell, as the inventory has them.</summary>
    private static ImmutableArray<Package> Sort(IEnumerable<Package> packages) =>
        [.. packages.Order(Comparer<Package>.Create((a, b) => VersionOrder.Compare(a, b) is { } order and not 0 ? order : string.CompareOrdinal(a.FullVersion, b.FullVersion)))];

    /// <summary>Null where nothing changed. One of the two is never empty.</summary>
    private static PackageChange? Compare(ImmutableArray<Package> old, ImmutableArray<Package> now)
    {
        var sample = (now.IsEmpty ? old : now)[^1];
        if (Kind(old, now) is not { } kind)
            return null;
        var source = sample.Source.Length > 0 ? sample.Source : sample.Name;
        return new(kind, sample.Manager, sample.Name, sample.Architecture, source, Versions(old), Versions(now));
    }

    private static ImmutableArray<string> Versions(ImmutableArray<Package> packages) => [.. packages.Select(p => p.FullVersion).Distinct(StringComparer.Ordinal)];

    private static ChangeKind? Kind(ImmutableArray<Package> old, ImmutableArray<Package> now)
    {
        if (old.IsEmpty || now.IsEmpty)
            return old.IsEmpty ? ChangeKind.Added : ChangeKind.Removed;
        if (Versions(old).SequenceEqual(Versions(now), StringComparer.Ordinal))
            return old.Select(p => p.Build).SequenceEqual(now.Select(p => p.Build), StringComparer.Ordinal) ? null : ChangeKind.Rebuilt;
        return VersionOrder.Compare(old[^1], now[^1]) switch
        {
            null => ChangeKind.Changed,
            _ when RebuildOf(old[^1]) == RebuildOf(now[^1]) && old.Length == now.Length => ChangeKind.Rebuilt,
            < 0 => ChangeKind.Upgraded,
            > 0 => ChangeKind.Downgraded,
            // The newest stayed; an older one came or went. Texts that differ and compare equal count as a change.
            _ when old.Length < now.Length => ChangeKind.Added,
            _ when old.Length > now.Length => ChangeKind.Removed,
            _ => ChangeKind.Changed,
        };
    }

    /// <summary>Debian builds the same source again with <c>+bN</c> behind the version (a binary-only upload).</summary>
    private static string RebuildOf(Package package)
    {
        var version = package.FullVersion;
        var at = package.Manager == PackageManager.Deb ? version.LastIndexOf("+b", StringComparison.Ordinal) : -1;
        return at > 0 && at + 2 < version.Length && version.AsSpan(at + 2).IndexOfAnyExceptInRange('0', '9') < 0 ? version[..at] : version;
    }

    /// <summary>A name that left with one architecture and came with another is one change, not two.</summary>
    private static IEnumerable<PackageChange> PairArchitectures(
        IEnumerable<PackageChange> changes,
        Dictionary<(PackageManager, string, string), ImmutableArray<Package>> before,
        Dictionary<(PackageManager, string, string), ImmutableArray<Package>> after)
    {
        var (old, now) = (Architectures(before.Keys), Architectures(after.Keys));
        foreach (var sameName in changes.GroupBy(c => (c.Manager, c.Name)))
        {
            var all = sameName.ToList();
            if (old[sameName.Key].ToList() is [var from] && now[sameName.Key].ToList() is [var to] && from != to)
            {
                var (left, came) = (all.Single(c => c.Architecture == from), all.Single(c => c.Architecture == to));
                yield return came with { Kind = ChangeKind.ArchitectureChanged, Old = left.Old, OldArchitecture = from };
                continue;
            }
            foreach (var change in all)
                yield return change;
        }
    }

    private static ILookup<(PackageManager, string), string> Architectures(IEnumerable<(PackageManager Manager, string Name, string Architecture)> keys) =>
        keys.ToLookup(k => (k.Manager, k.Name), k => k.Architecture);
}
