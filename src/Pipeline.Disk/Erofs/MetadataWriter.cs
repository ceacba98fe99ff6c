using Pipeline.Core.Files;
using Pipeline.Disk.Erofs.Placing;
using Pipeline.Disk.Erofs.Records;
using Pipeline.Disk.Pouring;
using static Pipeline.Disk.Erofs.ErofsFormat;

namespace Pipeline.Disk.Erofs;

internal delegate void WriteBytes(long offsetBytes, ReadOnlySpan<byte> data);

/// <summary>Writes all but contents and superblock. The ends of files lie with their inodes, so sources are read here too: on several threads.</summary>
/// <param name="write">Takes bytes for a place. Safe for concurrent calls.</param>
internal sealed class MetadataWriter(ErofsLayout layout, Placement placement, WriteBytes write)
{
    private const int BatchBytes = 1 << 20;

    public void Write(int parallelism, CancellationToken ct)
    {
        WriteSharedXattrs();
        WriteDirectories(ct);
        var order = placement.InOrder();
        var batches = Batches(order);
        var inodes = new InodeWriter(layout, placement);
        Threads.Run(parallelism, batches.Count - 1, () => new byte[BatchBytes],
            (buffer, i) => WriteInodes(order.AsSpan(batches[i]..batches[i + 1]), inodes, buffer), ct);
    }

    private void WriteSharedXattrs()
    {
        var bytes = new byte[layout.Xattrs.SharedBytes];
        foreach (var (offset, entry) in layout.Xattrs.Shared())
            entry.WriteTo(bytes.AsSpan((int)offset));
        write(Placement.XattrBlock * BlockBytes, bytes);
    }

    private void WriteDirectories(CancellationToken ct)
    {
        var writer = new DirectoryBlock(layout.Nodes, placement);
        foreach (var directory in layout.Nodes.Directories)
        {
            ct.ThrowIfCancellationRequested();
            if (placement.ShapeOf(directory.Index).Blocks > 0)
                writer.WriteOwn(directory.Index, write);
        }
    }

    /// <summary>Where each batch begins in the order of inodes, and the end of the last.</summary>
    private List<int> Batches(int[] order)
    {
        var starts = new List<int> { 0 };
        for (var i = 1; i < order.Length; i++)
        {
            if (placement.InodeOffset(order[i]) + placement.InodeBytes(order[i]) - placement.InodeOffset(order[starts[^1]]) > BatchBytes)
                starts.Add(i);
        }
        starts.Add(order.Length);
        return starts;
    }

    private void WriteInodes(ReadOnlySpan<int> indices, InodeWriter inodes, byte[] buffer)
    {
        var start = placement.InodeOffset(indices[0]);
        var length = (int)(placement.InodeOffset(indices[^1]) + placement.InodeBytes(indices[^1]) - start);
        var bytes = length <= buffer.Length ? buffer.AsSpan(0, length) : new byte[length];
        bytes.Clear();
        foreach (var index in indices)
            inodes.Write(index, bytes.Slice((int)(placement.InodeOffset(index) - start), (int)placement.InodeBytes(index)));
        write(start, bytes);
        foreach (var index in indices)
        {
            if (layout.Nodes.Nodes[index] is SymbolicLink link && placement.ShapeOf(index).Blocks > 0)
                write(placement.BlockOf(index) * BlockBytes, link.Target);
        }
    }
}
