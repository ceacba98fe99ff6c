using Pipeline.Core.Blocks;
using Pipeline.Core.Files;
using Pipeline.Disk.Erofs.Packing;
using static Pipeline.Disk.Erofs.ErofsFormat;

namespace Pipeline.Disk.Erofs.Placing;

/// <summary>
/// In this order: the superblock, shared attributes, contents in the order of the nodes, blocks of directories, inodes with
/// what lies behind them. Inodes come last because only then is known how long contents are that are packed.
/// </summary>
internal sealed class Placement
{
    private readonly ErofsLayout _layout;
    private readonly PackedContents? _packed;
    private readonly InodeShape[] _shapes;
    private readonly long[] _blocks;
    private readonly long[] _inodes;

    /// <param name="packed">Contents that are packed already; null puts them as they are.</param>
    public Placement(ErofsLayout layout, PackedContents? packed)
    {
        (_layout, _packed) = (layout, packed);
        var nodes = layout.Nodes.Nodes;
        (_shapes, _blocks, _inodes) = (new InodeShape[nodes.Count], new long[nodes.Count], new long[nodes.Count]);
        for (var index = 0; index < nodes.Count; index++)
            _shapes[index] = packed?.ShapeOf(index) ?? layout.Forms.ShapeOf(index);
        ContentBlock = ContentBlockOf(layout);
        var links = PlacePacked();
        DirectoryBlock = PlaceBlocks(links, n => n is not DirectoryNode && (packed is null || n is not RegularFile));
        InodeBlock = PlaceBlocks(DirectoryBlock, n => n is DirectoryNode);
        var slots = new SlotMap();
        for (var index = 0; index < nodes.Count; index++)
            _inodes[index] = slots.Place(_layout.Forms.HeadBytes(index) + _shapes[index].BehindBytes);
        BlockCount = InodeBlock + slots.LengthBytes / BlockBytes;
    }

    public static long XattrBlock => 1;

    /// <summary>Where contents begin.</summary>
    public static long ContentBlockOf(ErofsLayout layout) => XattrBlock + BlocksFor(layout.Xattrs.SharedBytes);

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

    /// <summary>The pieces of a packed file.</summary>
    public ReadOnlySpan<PackedExtent> ExtentsOf(int index) => _packed!.ExtentsOf(index);

    /// <summary>What an inode occupies with all that lies behind it.</summary>
    public long InodeBytes(int index) => _layout.Forms.HeadBytes(index) + _shapes[index].BehindBytes;

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

    /// <summary>The block behind what is packed.</summary>
    private long PlacePacked()
    {
        for (var index = 0; index < _blocks.Length && _packed is not null; index++)
        {
            if (_layout.Nodes.Nodes[index] is RegularFile && _shapes[index].Blocks > 0)
                _blocks[index] = ContentBlock + _packed.BlockOf(index);
        }
        return ContentBlock + (_packed?.BlockCount ?? 0);
    }

    private long PlaceBlocks(long cursor, Func<FileNode, bool> isMeant)
    {
        for (var index = 0; index < _blocks.Length; index++)
        {
            if (!isMeant(_layout.Nodes.Nodes[index]))
                continue;
            _blocks[index] = cursor;
            cursor += _shapes[index].Blocks;
        }
        return cursor;
    }
}
