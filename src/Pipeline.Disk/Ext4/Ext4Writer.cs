using Pipeline.Core.Blocks;
using Pipeline.Core.Files;
using Pipeline.Disk.Ext4.Placing;
using Pipeline.Disk.Ext4.Records;
using Pipeline.Disk.Ext4.Xattrs;
using Pipeline.Disk.Pouring;
using static Pipeline.Disk.Ext4.Ext4Format;

namespace Pipeline.Disk.Ext4;

/// <summary>Writes what an <see cref="Ext4Layout"/> decided: contents first, tables then, the superblock last.</summary>
public sealed class Ext4Writer(Ext4Layout layout) : IFileSystemWriter
{
    private readonly uint _seed = Checksum.SeedOf(layout.Options.Uuid);

    public long LengthBytes => layout.LengthBytes;

    public IEnumerable<Region> Regions() => layout.Regions();

    public void Pour(IBlockSink sink, int parallelism, CancellationToken ct)
    {
        CheckLength(sink);
        new ContentPourer(Contents(), sink).Pour(parallelism, ct);
    }

    public void Seal(IBlockSink sink, CancellationToken ct)
    {
        CheckLength(sink);
        var buffer = new BlockBuffer(sink);
        new DirectoryWriter(layout, _seed, buffer).WriteAll(ct);
        WriteXattrBlocks(buffer);
        WriteJournal(buffer);
        ResizeMap.Write(layout.Geometry, BlockAt(Placement.ResizeMapPosition), buffer);
        buffer.Flush();
        var journalMap = WriteInodeTables(sink, ct);
        var descriptors = new GroupWriter(layout, _seed).WriteBitmaps(sink, ct);
        WriteSuperBlocks(sink, descriptors, journalMap);
    }

    private IEnumerable<ContentRun> Contents()
    {
        var nodes = layout.Plan.Inodes.Nodes;
        for (var index = 0; index < nodes.Count; index++)
        {
            if (nodes[index] is not RegularFile { Content: { Source: { } source } content })
                continue;
            var start = layout.Placement.PositionOf(index);
            foreach (var (data, position) in ContentMap.Runs(content))
            {
                var done = 0L;
                foreach (var blocks in layout.Geometry.Space.Runs(start + position, BlocksFor(data.FileOffset % BlockBytes + data.LengthBytes)))
                {
                    var skip = done == 0 ? data.FileOffset % BlockBytes : 0;
                    var length = Math.Min(blocks.Count * BlockBytes - skip, data.LengthBytes - done);
                    yield return new(source, data.SourceOffset + done, blocks.Block * BlockBytes + skip, length);
                    done += length;
                }
            }
        }
    }

    private void CheckLength(IBlockSink sink) => ArgumentOutOfRangeException.ThrowIfNotEqual(sink.LengthBytes, LengthBytes);

    private void WriteXattrBlocks(BlockBuffer buffer)
    {
        var blocks = layout.Plan.Xattrs.Blocks;
        for (var i = 0; i < blocks.Count; i++)
        {
            var number = BlockAt(layout.Placement.XattrPosition + i);
            var target = buffer.Next(number);
            new XattrSet(layout.Plan.Inodes.Nodes[blocks[i].FirstUser].Xattrs, []).WriteBlock(target);
            XattrSet.Seal(target, blocks[i].References, number, _seed);
        }
    }

    private void WriteJournal(BlockBuffer buffer)
    {
        if (layout.Geometry.JournalBlocks > 0)
            Journal.WriteSuperBlock(buffer.Next(BlockAt(layout.Placement.JournalPosition)), layout.Geometry.JournalBlocks, layout.Options.Uuid);
    }

    /// <summary>Writes the tables as far as inodes are in use; returns the journal's map for the superblock.</summary>
    private byte[] WriteInodeTables(IBlockSink sink, CancellationToken ct)
    {
        var ownBlocks = new BlockBuffer(sink);
        var tables = new BlockBuffer(sink);
        var encoder = new InodeEncoder(layout, _seed, ownBlocks);
        var last = layout.Plan.Inodes.LastInode;
        for (var first = 1; first <= last; first += InodesPerBlock)
        {
            ct.ThrowIfCancellationRequested();
            var (group, inTable) = Math.DivRem(first - 1, layout.Geometry.InodesPerGroup);
            var block = tables.Next(layout.Geometry.InodeTables[group] + inTable / InodesPerBlock);
            for (var inode = first; inode < first + InodesPerBlock && inode <= last; inode++)
                WriteInode(encoder, block.Slice((inode - first) * InodeBytes, InodeBytes), inode);
        }
        ownBlocks.Flush();
        tables.Flush();
        return encoder.JournalMap;
    }

    private static void WriteInode(InodeEncoder encoder, Span<byte> target, int inode)
    {
        if (inode == RootInode)
            encoder.Write(target, 0);
        else if (inode == ResizeInode)
            encoder.WriteResize(target);
        else if (inode == JournalInode)
            encoder.WriteJournal(target);
        else if (inode >= FirstInode)
            encoder.Write(target, inode - FirstInode + 1);
    }

    private void WriteSuperBlocks(IBlockSink sink, byte[] descriptors, byte[] journalMap)
    {
        var superBlock = new SuperBlock
        {
            Options = layout.Options,
            Geometry = layout.Geometry,
            FreeBlocks = layout.FreeBlocks,
            FreeInodes = layout.Geometry.InodeCount - layout.Plan.Inodes.LastInode,
            JournalMap = journalMap,
        };
        foreach (var group in layout.Geometry.GroupsWithSuperBlock().Reverse())
        {
            var copy = new byte[SuperBlock.SizeBytes];
            superBlock.WriteTo(copy, group);
            var start = Geometry.FirstBlock(group) * BlockBytes;
            sink.Write(start + BlockBytes, descriptors);
            sink.Write(group == 0 ? SuperBlock.PrimaryOffsetBytes : start, copy);
        }
    }

    private long BlockAt(long position) => layout.Geometry.Space.Locate(position, 1).Block;
}
