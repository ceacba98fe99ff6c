using Pipeline.Core.Blocks;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Disk.Ext4.Placing;
using static Pipeline.Disk.Ext4.Ext4Format;

namespace Pipeline.Disk.Ext4;

/// <summary>
/// Where everything lies: a function of the tree and the options alone. Reads no contents. <see cref="Ext4Writer"/> follows it;
/// the tree must not change in between.
/// </summary>
public sealed class Ext4Layout
{
    private const long MiB = 1 << 20;

    private Ext4Layout(TreePlan plan, Ext4Options options, Geometry geometry)
    {
        (Plan, Options, Geometry) = (plan, options, geometry);
        Placement = new Placement(plan, geometry);
    }

    /// <summary>The length of the file system. A few MiB at its end may be left out where a last group would be too small for its tables.</summary>
    public long LengthBytes { get; private init; }

    /// <summary>What is left for files.</summary>
    public long FreeBytes => FreeBlocks * BlockBytes;

    internal TreePlan Plan { get; }

    internal Ext4Options Options { get; }

    internal Geometry Geometry { get; }

    internal Placement Placement { get; }

    internal long FreeBlocks => Geometry.Space.Capacity - Placement.End;

    /// <summary>Decides every inode and block number, or says what ext4 cannot hold.</summary>
    /// <param name="tree">The file system's content; its root's metadata becomes the root directory's.</param>
    /// <param name="options">Identity, clock and size.</param>
    /// <param name="span">Where the user asked for this file system.</param>
    public static Result<Ext4Layout> Place(FileTree tree, Ext4Options options, SourceSpan? span)
    {
        var plan = new TreePlan(tree, options, span);
        if (plan.Diagnostics.HasErrors)
            return Result<Ext4Layout>.Failed(plan.Diagnostics.ToImmutable());
        var layout = options.LengthBytes is { } length ? TryPlace(plan, options, length) : PlaceAutomatic(plan, options, 0);
        if (layout is not null && layout.LengthBytes <= MaxLengthBytes)
            return new(layout, plan.Diagnostics.ToImmutable());
        plan.Diagnostics.AddRange([Refuse(plan, options, span, layout)]);
        return Result<Ext4Layout>.Failed(plan.Diagnostics.ToImmutable());
    }

    /// <summary>The map, in bytes from the start of the file system. What is not named is free.</summary>
    public IEnumerable<Region> Regions()
    {
        foreach (var group in Geometry.GroupsWithSuperBlock())
        {
            var name = group == 0 ? "superblock and descriptors" : $"superblock and descriptors, copy in group {group}";
            yield return ToRegion(new(Geometry.FirstBlock(group), Geometry.HeadBlocks(group)), name);
        }
        for (var first = 0; first < Geometry.GroupCount; first += GroupsPerFlex)
        {
            var groups = Enumerable.Range(first, Math.Min(GroupsPerFlex, Geometry.GroupCount - first)).ToArray();
            yield return ToRegion(new(Geometry.BlockBitmaps[first], 2 * groups.Length), $"bitmaps, groups {first} to {groups[^1]}");
            foreach (var run in BlockRun.Merge(groups.Select(g => new BlockRun(Geometry.InodeTables[g], Geometry.InodeTableBlocks))))
                yield return ToRegion(run, $"inode tables, groups {first} to {groups[^1]}");
        }
        var placed = Placement;
        var parts = new (string Name, long Start, long End)[]
        {
            ("resize map", Placement.ResizeMapPosition, placed.DirectoryPosition),
            ("directories", placed.DirectoryPosition, placed.XattrPosition),
            ("extended attributes", placed.XattrPosition, placed.JournalPosition),
            ("journal", placed.JournalPosition, placed.ContentPosition),
            ("contents", placed.ContentPosition, placed.End),
        };
        foreach (var (name, start, end) in parts)
        {
            foreach (var run in Geometry.Space.Runs(start, end - start))
                yield return ToRegion(run, name);
        }
    }

    private static Region ToRegion(BlockRun run, string name) => new(run.Block * BlockBytes, run.Count * BlockBytes, name);

    /// <summary>The layout with a length, or null where that is too small or too large.</summary>
    private static Ext4Layout? TryPlace(TreePlan plan, Ext4Options options, long lengthBytes)
    {
        if (lengthBytes > MaxLengthBytes || Geometry.TryCreate(lengthBytes, plan.InodesWanted) is not { } geometry)
            return null;
        var layout = new Ext4Layout(plan, options, geometry) { LengthBytes = lengthBytes };
        return layout.FreeBlocks >= 0 ? layout : null;
    }

    /// <summary>
    /// The smallest whole MiB that holds the tree and the free space, searched upwards from an estimate: the tables grow
    /// with the length, so what is missing is added until nothing is. Null where even the largest file system is too small.
    /// </summary>
    private static Ext4Layout? PlaceAutomatic(TreePlan plan, Ext4Options options, long fromBytes)
    {
        var freeBlocks = BlocksFor(Math.Clamp(options.FreeBytes, 0, MaxLengthBytes));
        var groups = (plan.InodesWanted - 1L) / MaxInodesPerGroup;
        var length = Math.Max(fromBytes, groups * BlocksPerGroup * BlockBytes);
        for (length = AlignUp(Math.Max(length, 1)); length <= MaxLengthBytes;)
        {
            var missing = 1L;
            if (Geometry.TryCreate(length, plan.InodesWanted) is { } geometry)
            {
                var layout = new Ext4Layout(plan, options, geometry) { LengthBytes = Math.Min(length, AlignUp(geometry.BlockCount * BlockBytes)) };
                missing = freeBlocks - layout.FreeBlocks;
                if (missing <= 0)
                    return layout;
            }
            length = AlignUp(length + missing * BlockBytes);
        }
        return null;
    }

    private static Diagnostic Refuse(TreePlan plan, Ext4Options options, SourceSpan? span, Ext4Layout? layout)
    {
        if (options.LengthBytes is not { } given || given > MaxLengthBytes)
            return Diagnostic.Create(Ext4Rules.TooLarge, span, options.LengthBytes ?? layout?.LengthBytes ?? MaxLengthBytes, MaxLengthBytes);
        // From the given length on: where a longer one brings a longer journal, less may fit than into a shorter one.
        var needed = PlaceAutomatic(plan, options with { FreeBytes = 0 }, given);
        return needed is null
            ? Diagnostic.Create(Ext4Rules.TooLarge, span, given, MaxLengthBytes)
            : Diagnostic.Create(Ext4Rules.TooSmall, span, needed.LengthBytes, given, needed.LengthBytes - given);
    }

    private static long AlignUp(long bytes) => (bytes + MiB - 1) & -MiB;
}
