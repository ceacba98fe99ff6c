using System.Collections.Immutable;
using Pipeline.Core.Files;
using Pipeline.Engine.Manifests;
using Pipeline.Engine.Manifests.Models;

namespace Pipeline.Engine.Building.Disks;

/// <summary>A partition that is mounted somewhere in the running system.</summary>
/// <param name="Index">Of the board's partitions, from 0.</param>
/// <param name="Path">Absolute, without a slash at the end; the root is "/".</param>
internal sealed record MountPoint(int Index, string Path, Partition Partition, PartitionIdentity Identity)
{
    /// <summary>The path that a boot loader sees when it looks at this partition alone.</summary>
    public string Inside(string path) => Path == "/" ? path : path[Path.Length..] is { Length: > 0 } rest ? rest : "/";

    public bool Contains(string path) =>
        Path == "/" || path == Path || path.StartsWith(Path + "/", StringComparison.Ordinal);
}

/// <summary>Where the partitions of a board are mounted: which partition a path of the merged tree lies on.</summary>
/// <param name="copies">Indices of partitions that carry what another carries, and of that other one.</param>
internal sealed class MountPoints(ImmutableArray<MountPoint> all, int partitionCount, ImmutableArray<(int Copy, int Original)> copies)
{
    /// <summary>In the order of the paths, so that a parent comes before what is mounted below it.</summary>
    public ImmutableArray<MountPoint> All => all;

    public MountPoint? Root => all.FirstOrDefault(m => m.Path == "/");

    public static MountPoints Of(BoardManifest board, DiskIdentity identity) => new(
    [
        .. board.Partitions
            .Select((p, i) => (Partition: p, Index: i))
            .Where(p => p.Partition.MountPoint is not null)
            .Select(p => new MountPoint(p.Index, Normal(p.Partition.MountPoint!), p.Partition, identity.Partitions[p.Index]))
            .OrderBy(m => m.Path, StringComparer.Ordinal),
    ], board.Partitions.Length,
    [
        .. board.Partitions
            .Select((p, i) => (Copy: i, Original: p.CopyOf is null ? -1 : BoardPlacement.IndexOf(p.CopyOf, board)))
            .Where(c => c.Original >= 0),
    ]);

    /// <summary>
    /// The same with each path as it is once links are followed: a partition for <c>/home</c> lies below <c>/var</c> where
    /// the source makes <c>/home</c> a link to <c>var/home</c>. The mount points must exist.
    /// </summary>
    public MountPoints Resolve(FileTree tree) =>
        new([.. all.Select(m => m with { Path = tree.RealPath(m.Path) ?? m.Path }).OrderBy(m => m.Path, StringComparer.Ordinal)], partitionCount, copies);

    /// <summary>The partition that holds a real path (links already followed).</summary>
    public MountPoint? Holding(string path) => all.Where(m => m.Contains(path)).MaxBy(m => m.Path.Length);

    /// <summary>
    /// Takes the tree apart: what lies under a mount point becomes the content of its partition. One tree a partition in
    /// the board's order; a partition that is not mounted is empty, unless it is a copy of another.
    /// </summary>
    public ImmutableArray<FileTree> Split(FileTree tree, UnixTime clock)
    {
        var parts = new FileTree[partitionCount];
        foreach (var mount in all.Reverse())
            parts[mount.Index] = mount.Path == "/" ? tree : tree.Detach(mount.Path, clock);
        foreach (var (copy, original) in copies)
            parts[copy] = parts[original]?.Clone()!;
        return [.. parts.Select(p => p ?? new FileTree(FileTree.NewDirectory(clock)))];
    }

    private static string Normal(string path) => path.Length > 1 ? path.TrimEnd('/') : path;
}
