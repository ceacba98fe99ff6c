using Pipeline.Core.Files;
using Pipeline.Disk.Erofs.Placing;
using Pipeline.Disk.Trees;
using static System.Buffers.Binary.BinaryPrimitives;
using static Pipeline.Disk.Erofs.ErofsFormat;

namespace Pipeline.Disk.Erofs.Records;

/// <summary>Blocks of names: entries of 12 bytes side by side, then the names one behind the other. The first entry tells where names begin, and so how many there are.</summary>
internal sealed class DirectoryBlock(NodeMap nodes, Placement placement)
{
    /// <summary>The blocks that lie by themselves.</summary>
    public void WriteOwn(int index, WriteBytes write)
    {
        var left = placement.ShapeOf(index).Blocks;
        var offset = placement.BlockOf(index) * BlockBytes;
        var buffer = new byte[BlockBytes];
        foreach (var entries in Blocks(index))
        {
            if (left-- == 0)
                return;
            buffer.AsSpan().Clear();
            Write(buffer, entries);
            write(offset, buffer);
            offset += BlockBytes;
        }
    }

    /// <summary>The last names, where they lie with the inode.</summary>
    public void WriteLast(int index, Span<byte> target) => Write(target, Blocks(index).Last());

    private IEnumerable<List<(FileName Name, int Index)>> Blocks(int index) =>
        DirectoryPlan.Blocks(nodes, nodes.Directories[nodes.DirectoryOf(index)]);

    private void Write(Span<byte> target, List<(FileName Name, int Index)> entries)
    {
        var names = entries.Count * DirectoryEntryBytes;
        for (var i = 0; i < entries.Count; i++)
        {
            var (name, index) = entries[i];
            var entry = target.Slice(i * DirectoryEntryBytes, DirectoryEntryBytes);
            WriteInt64LittleEndian(entry, placement.NumberOf(index));
            WriteUInt16LittleEndian(entry[0x8..], (ushort)names);
            entry[0xA] = LinuxNode.TypeOf(nodes.Nodes[index]);
            name.Bytes.CopyTo(target[names..]);
            names += name.Length;
        }
    }
}
