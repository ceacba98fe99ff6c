using Pipeline.Core.Files;
using Pipeline.Disk.Ext4.Records;

namespace Pipeline.Disk.Ext4.Placing;

/// <summary>
/// Which positions of the free space everything gets, in this order: the resize map, directories, attribute blocks, the
/// journal, contents in the order of inodes. A node's extent tree lies behind its blocks.
/// </summary>
internal sealed class Placement
{
    private readonly long[] _positions;
    private readonly BlockMap _space;
    private readonly List<Extent> _extents = [];

    public Placement(TreePlan plan, Geometry geometry)
    {
        _space = geometry.Space;
        _positions = new long[plan.Inodes.Nodes.Count];
        var cursor = ResizeMapPosition + 1;
        for (var number = 0; number < plan.Inodes.Directories.Count; number++)
            cursor = Put(plan.Inodes.Directories[number].Index, cursor, plan.DirectoryBlocks(number));
        XattrPosition = cursor;
        JournalPosition = cursor += plan.Xattrs.Blocks.Count;
        ContentPosition = cursor = Behind(cursor, geometry.JournalBlocks);
        for (var index = 0; index < _positions.Length; index++)
        {
            var node = plan.Inodes.Nodes[index];
            if (node is RegularFile { Content.IsSparse: true } sparse)
                cursor = PutSparse(index, cursor, sparse.Content);
            else if (node is not DirectoryNode)
                cursor = Put(index, cursor, TreePlan.ContentBlocks(node));
        }
        End = cursor;
    }

    public static long ResizeMapPosition => 0;

    public long DirectoryPosition => ResizeMapPosition + 1;

    public long XattrPosition { get; }

    public long JournalPosition { get; }

    public long ContentPosition { get; }

    /// <summary>The first position that is free. More than the space has when the tree does not fit.</summary>
    public long End { get; }

    /// <summary>Where a node's blocks begin; of no meaning for one without blocks.</summary>
    public long PositionOf(int index) => _positions[index];

    private long Put(int index, long position, long blocks)
    {
        _positions[index] = position;
        return Behind(position, blocks);
    }

    private long PutSparse(int index, long position, FileContent content)
    {
        _positions[index] = position;
        _extents.Clear();
        ContentMap.AppendExtents(content, position, _space, _extents);
        return position + ContentMap.BlockCount(content) + ExtentTree.BlockCount(_extents.Count);
    }

    /// <summary>The position behind a run of blocks and the extent tree that it needs.</summary>
    private long Behind(long position, long blocks)
    {
        if (blocks == 0 || (blocks <= Extent.MaxBlocks && _space.Locate(position, blocks).Count == blocks))
            return position + blocks;
        _extents.Clear();
        ContentMap.AppendExtents((0, position, blocks), _space, _extents);
        return position + blocks + ExtentTree.BlockCount(_extents.Count);
    }
}
