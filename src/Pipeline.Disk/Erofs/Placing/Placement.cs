using Pipeline.Core.Blocks;
using Pipeline.Core.Files;
using Pipeline.Disk.Trees;
using static Pipeline.Disk.Erofs.ErofsFormat;

namespace Pipeline.Disk.Erofs.Placing;

/// <summary>
/// In this order: the superblock, shared attributes, contents in the order of the nodes, blocks of directories, inodes with
/// what lies behind them. Inodes come last because only then is known how long contents are that are packed.
/// </summary>
internal sealed class Placement
{
    private readonly ErofsLayout _layout;
    private readonly InodeShape[] _shapes;
    private readonly long[] _blocks;
    private readonly long[] _inodes;

    public Placement(ErofsLayout layout)
    {
        _layout = layout;
        var nodes = layout.Nodes.Nodes;
        (_shapes, _blocks, _inodes) = (new InodeShape[nodes.Count], new long[nodes.Count], new long[nodes.Count]);
        for (var index = 0; index < nodes.Count; index++)
            _shapes[index] = Shape(index, nodes[index]);
        ContentBlock = XattrBlock + BlocksFor(layout.Xattrs.SharedBytes);
        DirectoryBlock = PlaceBlocks(ContentBlock, isDirectory: false);
        InodeBlock = PlaceBlocks(DirectoryBlock, isDirectory: true);
        var slots = new SlotMap();
        for (var index = 0; index < nodes.Count; index++)
            _inodes[index] = slots.Place(HeadBytes(index) + _shapes[index].BehindBytes);
        BlockCount = InodeBlock + slots.LengthBytes / BlockBytes;
    }

    public static long XattrBlock => 1;

    public long ContentBlock { get; }

    public long DirectoryBlock { get; }

    /// <summary>meta_blkaddr: numbers of inodes count from here.</summary>
    public long InodeBlock { get; }

    public long BlockCount { get; }

    public InodeShape ShapeOf(int index) => _shapes[index];

    /// <summary>The first of a node's own blocks; of no meaning for one without.</summary>
    public long BlockOf(int index) => _blocks[index];

    /// <summary>From the start of the file system.</summary>
    public long InodeOffset(int index) => InodeBlock * BlockBytes + _inodes[index];

    /// <summary>The nid.</summary>
    public long NumberOf(int index) => _inodes[index] / SlotBytes;

    /// <summary>The small form knows neither times nor large numbers.</summary>
    public bool IsCompact(int index)
    {
        var node = _layout.Nodes.Nodes[index];
        return node.Uid <= ushort.MaxValue && node.Gid <= ushort.MaxValue && node.Mtime == _layout.Options.Clock
            && _layout.Nodes.Links(index) <= ushort.MaxValue && _shapes[index].LengthBytes <= uint.MaxValue;
    }

    public int HeadBytes(int index) => (IsCompact(index) ? CompactInodeBytes : ExtendedInodeBytes) + _layout.Xattrs.BodyBytes(index);

    /// <summary>What an inode occupies with all that lies behind it.</summary>
    public long InodeBytes(int index) => HeadBytes(index) + _shapes[index].BehindBytes;

    /// <summary>The indices of the nodes in the order in which their inodes lie.</summary>
    public int[] InOrder()
    {
        var order = Enumerable.Range(0, _inodes.Length).ToArray();
        Array.Sort(order, (a, b) => _inodes[a].CompareTo(_inodes[b]));
        return order;
    }

    public IEnumerable<Region> Regions()
    {
        (string Name, long First, long End)[] parts =
        [
            ("superblock", 0, XattrBlock),
            ("shared attributes", XattrBlock, ContentBlock),
            ("contents", ContentBlock, DirectoryBlock),
            ("directories", DirectoryBlock, InodeBlock),
            ("inodes", InodeBlock, BlockCount),
        ];
        return parts.Where(p => p.End > p.First).Select(p => new Region(p.First * BlockBytes, (p.End - p.First) * BlockBytes, p.Name));
    }

    private InodeShape Shape(int index, FileNode node)
    {
        var length = node switch
        {
            DirectoryNode => DirectoryPlan.LengthOf(_layout.Nodes, _layout.Nodes.Directories[_layout.Nodes.DirectoryOf(index)]),
            SymbolicLink link => link.Target.Length,
            RegularFile file => file.Content.LengthBytes,
            _ => 0,
        };
        _shapes[index] = InodeShape.None with { LengthBytes = length };       // decides the form of the inode
        return node is RegularFile regular ? InodeShape.Of(regular.Content, HeadBytes(index)) : InodeShape.Flat(length, HeadBytes(index));
    }

    private long PlaceBlocks(long cursor, bool isDirectory)
    {
        for (var index = 0; index < _blocks.Length; index++)
        {
            if (_layout.Nodes.Nodes[index] is DirectoryNode != isDirectory)
                continue;
            _blocks[index] = cursor;
            cursor += _shapes[index].Blocks;
        }
        return cursor;
    }
}
