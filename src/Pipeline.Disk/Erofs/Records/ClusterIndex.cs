using Pipeline.Disk.Erofs.Packing;
using Pipeline.Disk.Erofs.Placing;
using static System.Buffers.Binary.BinaryPrimitives;
using static Pipeline.Disk.Erofs.ErofsFormat;

namespace Pipeline.Disk.Erofs.Records;

/// <summary>
/// The index of a packed file: an entry of 8 bytes for each of its blocks (<c>z_erofs_lcluster_index</c>). An extent is told of
/// by the blocks that end in it; the first of them is its head, and the block in which it ends belongs to the next.
/// </summary>
internal ref struct ClusterIndex
{
    private const int EntryBytes = 8;
    private const ushort Plain = 0;
    private const ushort Head = 1;
    private const ushort NotHead = 2;

    /// <summary>Clusters may have several blocks (<c>Z_EROFS_ADVISE_BIG_PCLUSTER_1</c>).</summary>
    private const ushort BigClusters = 0x2;

    /// <summary>In the first entry behind a head: the number of blocks of the cluster, in place of the distance to the head.</summary>
    private const ushort CountsBlocks = 1 << 11;

    private readonly Span<byte> _entries;
    private int _next;
    private long _block;

    private ClusterIndex(Span<byte> entries, long block)
    {
        _entries = entries;
        _block = block;
    }

    /// <param name="target">All that lies behind the inode, all zero; the index is its end.</param>
    /// <param name="shape">Of the file.</param>
    /// <param name="block">The first one of its clusters.</param>
    /// <param name="extents">In the order of the file.</param>
    public static void Write(Span<byte> target, InodeShape shape, long block, ReadOnlySpan<PackedExtent> extents)
    {
        var bytes = target[^(int)InodeShape.IndexBytes(shape.LengthBytes)..];
        WriteUInt16LittleEndian(bytes[0x4..], BigClusters);         // h_advise; LZ4 and blocks of 4 KiB are zero
        var index = new ClusterIndex(bytes[^(int)(BlocksFor(shape.LengthBytes) * EntryBytes)..], block);
        var at = 0L;
        foreach (var extent in extents)
        {
            index.Add(at, extent);
            at += extent.LengthBytes;
        }
        index.End(at);
    }

    private void Add(long at, PackedExtent extent)
    {
        if (extent.Blocks > 0)
        {
            Add(at, extent.LengthBytes, Head, extent.Blocks);
            return;
        }
        for (var done = 0; done < extent.LengthBytes; done += BlockBytes)
            Add(at + done, Math.Min(BlockBytes, extent.LengthBytes - done), Plain, 1);
    }

    private void Add(long at, int lengthBytes, ushort kind, int blocks)
    {
        var offset = (int)(at % BlockBytes);
        var ended = (offset + lengthBytes) / BlockBytes;
        var first = WriteEntry(kind, offset);
        WriteUInt32LittleEndian(first, (uint)_block);
        for (var distance = 1; distance < ended; distance++)
        {
            var entry = WriteEntry(NotHead, offset);
            WriteUInt16LittleEndian(entry, (ushort)(distance == 1 ? blocks | CountsBlocks : distance));
            WriteUInt16LittleEndian(entry[0x2..], (ushort)(ended - distance));
        }
        _block += blocks;
    }

    /// <summary>Where the file ends within a block that is nobody's yet, a head without bytes tells where.</summary>
    private void End(long lengthBytes)
    {
        if (_next < _entries.Length)
            WriteEntry(Plain, (int)(lengthBytes % BlockBytes));
    }

    /// <returns>The last four bytes of the entry.</returns>
    private Span<byte> WriteEntry(ushort kind, int offset)
    {
        var entry = _entries.Slice(_next, EntryBytes);
        WriteUInt16LittleEndian(entry, kind);
        WriteUInt16LittleEndian(entry[0x2..], (ushort)offset);
        _next += EntryBytes;
        return entry[0x4..];
    }
}
