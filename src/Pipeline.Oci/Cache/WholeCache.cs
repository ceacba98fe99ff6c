using System.Collections.Immutable;
using Pipeline.Core.Units;

namespace Pipeline.Oci.Cache;

/// <summary>All that the cache holds: blobs and trees, which one limit is for.</summary>
public sealed class WholeCache(string directory, TimeProvider time)
{
    private readonly BlobCache _blobs = new(directory, 0, time);
    private readonly CacheTrees _trees = new(directory, time);

    public (CacheDescription Blobs, ImmutableArray<CacheTree> Trees) Describe() => (_blobs.Describe(), _trees.All());

    /// <summary>Removes what was used longest ago until no more than <paramref name="limitBytes"/> are left. Trees of the last hour stay: somebody may be reading them.</summary>
    public CachePruning Prune(long limitBytes) => Prune(limitBytes, t => !_trees.IsInUse(t));

    /// <summary>Removes everything; whoever is reading a tree just now fails and may try again.</summary>
    public CachePruning Clear() => Prune(0, _ => true);

    private CachePruning Prune(long limitBytes, Func<CacheTree, bool> mayGo)
    {
        var trees = _trees.All();
        IEnumerable<(string Path, long Bytes, DateTimeOffset LastUse, Func<bool> Remove)> entries =
        [
            .. _blobs.Files().Select(f => (f.Path, f.LengthBytes, f.LastUse, (Func<bool>)(() => _blobs.TryRemove(f.Path)))),
            .. trees.Select(t => (t.Path, t.Bytes, t.LastUse, (Func<bool>)(() => mayGo(t) && CacheTrees.TryRemove(t)))),
        ];
        var left = entries.Sum(e => e.Bytes);
        var (count, removed) = (0, 0L);
        foreach (var entry in entries.OrderBy(e => e.LastUse).ThenBy(e => e.Path, StringComparer.Ordinal))
        {
            // Where nothing shall be left, what has no size goes too.
            if (limitBytes > 0 && left - removed <= limitBytes)
                break;
            if (!entry.Remove())
                continue;
            count++;
            removed += entry.Bytes;
        }
        return new(count, new ByteSize(removed), new ByteSize(left - removed));
    }
}
