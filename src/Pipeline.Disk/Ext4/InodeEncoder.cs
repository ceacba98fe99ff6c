using Pipeline.Core.Files;
using Pipeline.Disk.Ext4.Placing;
using Pipeline.Disk.Ext4.Records;
using Pipeline.Disk.Ext4.Xattrs;
using Pipeline.Disk.Trees;
using static System.Buffers.Binary.BinaryPrimitives;
using static Pipeline.Disk.Ext4.Ext4Format;

namespace Pipeline.Disk.Ext4;

/// <summary>Makes inodes of nodes. Blocks that belong to an inode alone (its extent tree, a long link's target) go to a buffer on the way.</summary>
internal sealed class InodeEncoder(Ext4Layout layout, uint seed, BlockBuffer ownBlocks)
{
    /// <summary>Of files that belong to the file system itself: regular, the owner reads and writes.</summary>
    private const ushort OwnFileMode = 0x8180;

    private readonly List<Extent> _extents = [];
    private readonly List<long> _treeBlocks = [];
    private readonly List<(Core.Diagnostics.Rule, object)> _problems = [];
    private int _nextDirectory;

    /// <summary>The journal's i_block and length as the superblock repeats them; empty without a journal.</summary>
    public byte[] JournalMap { get; private set; } = [];

    /// <summary>Writes a node's inode. Indices come in ascending order.</summary>
    /// <param name="target">256 bytes, all zero.</param>
    /// <param name="index">The node's index.</param>
    public void Write(Span<byte> target, int index)
    {
        var node = layout.Plan.Inodes.Nodes[index];
        var inodeSeed = Checksum.SeedOf(seed, InodeMap.InodeOf(index));
        var map = target.Slice(Inode.BlockOffset, Inode.BlockBytes);
        var shape = node switch
        {
            DirectoryNode => WriteDirectory(map, index, inodeSeed),
            RegularFile file => WriteFile(map, index, file.Content, inodeSeed),
            SymbolicLink link => WriteLink(map, index, link.Target, inodeSeed),
            _ => WriteSpecial(map, index, (SpecialFile)node),
        };
        var xattrBlock = layout.Plan.Xattrs.BlockOf(index);
        if (node.Xattrs.Count > 0)
            new XattrSet(node.Xattrs, _problems).WriteBody(target.Slice(Inode.XattrOffset, Inode.XattrBytes));
        var inode = shape with
        {
            Mode = LinuxNode.ModeOf(node),
            Uid = node.Uid,
            Gid = node.Gid,
            Mtime = node.Mtime,
            Sectors = shape.Sectors + (xattrBlock is null ? 0 : SectorsPerBlock),
            XattrBlock = xattrBlock is { } block ? BlockAt(layout.Placement.XattrPosition + block) : 0,
        };
        inode.WriteTo(target, inodeSeed);
    }

    /// <summary>Inode 7: the reserved descriptor blocks.</summary>
    public void WriteResize(Span<byte> target)
    {
        WriteUInt32LittleEndian(target[(Inode.BlockOffset + ResizeMap.PointerOffset)..], (uint)BlockAt(Placement.ResizeMapPosition));
        new Inode
        {
            Mode = OwnFileMode,
            Links = 1,
            SizeBytes = ResizeMap.FileBytes,
            Sectors = ResizeMap.Sectors(layout.Geometry),
            Mtime = layout.Options.Clock,
        }.WriteTo(target, Checksum.SeedOf(seed, ResizeInode));
    }

    /// <summary>Inode 8: the journal.</summary>
    public void WriteJournal(Span<byte> target)
    {
        var blocks = layout.Geometry.JournalBlocks;
        if (blocks == 0)
            return;
        var inodeSeed = Checksum.SeedOf(seed, JournalInode);
        var map = target.Slice(Inode.BlockOffset, Inode.BlockBytes);
        var sectors = WriteRun(map, layout.Placement.JournalPosition, blocks, inodeSeed);
        var length = (long)blocks * BlockBytes;
        new Inode
        {
            Mode = OwnFileMode,
            Links = 1,
            SizeBytes = length,
            Sectors = sectors,
            Flags = InodeFlags.Extents,
            Mtime = layout.Options.Clock,
        }.WriteTo(target, inodeSeed);
        JournalMap = new byte[Inode.BlockBytes + 8];
        map.CopyTo(JournalMap);
        WriteUInt32LittleEndian(JournalMap.AsSpan(Inode.BlockBytes), (uint)(length >> 32));
        WriteUInt32LittleEndian(JournalMap.AsSpan(Inode.BlockBytes + 4), (uint)length);
    }

    private Inode WriteDirectory(Span<byte> map, int index, uint inodeSeed)
    {
        while (layout.Plan.Inodes.Directories[_nextDirectory].Index != index)
            _nextDirectory++;
        var directory = layout.Plan.Inodes.Directories[_nextDirectory];
        var blocks = layout.Plan.DirectoryBlocks(_nextDirectory);
        var indexed = blocks > 1 && directory != layout.Plan.Inodes.LostAndFound;
        var links = directory.Subdirectories + 2;
        return new()
        {
            Links = (ushort)(links > MaxLinks ? 1 : links), // 1: too many to count (dir_nlink)
            SizeBytes = (long)blocks * BlockBytes,
            Sectors = WriteRun(map, layout.Placement.PositionOf(index), blocks, inodeSeed),
            Flags = InodeFlags.Extents | (indexed ? InodeFlags.Index : 0),
        };
    }

    private Inode WriteFile(Span<byte> map, int index, FileContent content, uint inodeSeed)
    {
        var position = layout.Placement.PositionOf(index);
        _extents.Clear();
        ContentMap.AppendExtents(content, position, layout.Geometry.Space, _extents);
        return new()
        {
            Links = (ushort)layout.Plan.Inodes.Links(index),
            SizeBytes = content.LengthBytes,
            Sectors = WriteExtents(map, position, ContentMap.BlockCount(content), inodeSeed),
            Flags = InodeFlags.Extents,
        };
    }

    private Inode WriteLink(Span<byte> map, int index, byte[] target, uint inodeSeed)
    {
        var inode = new Inode { Links = (ushort)layout.Plan.Inodes.Links(index), SizeBytes = target.Length };
        if (target.Length <= MaxFastSymlinkBytes)
        {
            target.CopyTo(map);
            return inode;
        }
        var position = layout.Placement.PositionOf(index);
        target.CopyTo(ownBlocks.Next(BlockAt(position)));
        return inode with { Flags = InodeFlags.Extents, Sectors = WriteRun(map, position, 1, inodeSeed) };
    }

    /// <summary>Small numbers in the old form of 16 bits, others in the new one of 32, in the second word.</summary>
    private Inode WriteSpecial(Span<byte> map, int index, SpecialFile node)
    {
        if (node is { Major: < 256, Minor: < 256 })
            WriteUInt32LittleEndian(map, (node.Major << 8) | node.Minor);
        else
            WriteUInt32LittleEndian(map[4..], LinuxNode.DeviceOf(node));
        return new() { Links = (ushort)layout.Plan.Inodes.Links(index) };
    }

    private long WriteRun(Span<byte> map, long position, long blocks, uint inodeSeed)
    {
        _extents.Clear();
        ContentMap.AppendExtents((0, position, blocks), layout.Geometry.Space, _extents);
        return WriteExtents(map, position, blocks, inodeSeed);
    }

    /// <summary>Writes the tree over the extents found, and returns the sectors of contents and tree.</summary>
    private long WriteExtents(Span<byte> map, long position, long blocks, uint inodeSeed)
    {
        _treeBlocks.Clear();
        var count = ExtentTree.BlockCount(_extents.Count);
        for (var i = 0; i < count; i++)
            _treeBlocks.Add(BlockAt(position + blocks + i));
        ExtentTree.Write(map, _extents, _treeBlocks, (ownBlocks, inodeSeed));
        return (blocks + count) * SectorsPerBlock;
    }

    private long BlockAt(long position) => layout.Geometry.Space.Locate(position, 1).Block;
}
