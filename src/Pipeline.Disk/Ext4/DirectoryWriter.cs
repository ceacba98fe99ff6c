using Pipeline.Disk.Ext4.Directories;
using Pipeline.Disk.Ext4.Placing;
using Pipeline.Disk.Ext4.Records;

namespace Pipeline.Disk.Ext4;

/// <summary>Writes the names: one block for most directories, an index and leaves for large ones.</summary>
internal sealed class DirectoryWriter(Ext4Layout layout, uint seed, BlockBuffer buffer)
{
    private readonly List<DirectoryEntry> _entries = [];

    public void WriteAll(CancellationToken ct)
    {
        for (var number = 0; number < layout.Plan.Inodes.Directories.Count; number++)
        {
            ct.ThrowIfCancellationRequested();
            Write(number);
        }
    }

    private void Write(int number)
    {
        var inodes = layout.Plan.Inodes;
        var directory = inodes.Directories[number];
        var inode = InodeMap.InodeOf(directory.Index);
        var parent = InodeMap.InodeOf(inodes.Directories[directory.Parent].Index);
        var inodeSeed = Checksum.SeedOf(seed, inode);
        var position = layout.Placement.PositionOf(directory.Index);
        var blocks = layout.Plan.DirectoryBlocks(number);
        if (blocks > 1 && directory != inodes.LostAndFound)
        {
            new HashTree(inodes.Entries(directory), layout.Plan.Hash).Write(n => buffer.Next(BlockAt(position + n)), inode, parent, inodeSeed);
            return;
        }
        _entries.Clear();
        _entries.Add(DirectoryBlock.DotEntry(inode));
        _entries.Add(DirectoryBlock.DotDotEntry(parent));
        _entries.AddRange(inodes.Entries(directory));
        DirectoryBlock.Write(buffer.Next(BlockAt(position)), [.. _entries], inodeSeed);
        for (var i = 1; i < blocks; i++)
            DirectoryBlock.Write(buffer.Next(BlockAt(position + i)), [], inodeSeed);
    }

    private long BlockAt(long position) => layout.Geometry.Space.Locate(position, 1).Block;
}
