using Pipeline.Core.Files;
using Pipeline.Disk.Erofs.Placing;
using Pipeline.Disk.Trees;
using static System.Buffers.Binary.BinaryPrimitives;
using static Pipeline.Disk.Erofs.ErofsFormat;

namespace Pipeline.Disk.Erofs.Records;

/// <summary>Writes inodes with their attributes and what lies behind them.</summary>
internal sealed class InodeWriter(ErofsLayout layout, Placement placement)
{
    /// <param name="target">As long as <see cref="Placement.InodeBytes"/> says, all zero.</param>
    public void Write(int index, Span<byte> target)
    {
        var node = layout.Nodes.Nodes[index];
        var head = layout.Forms.HeadBytes(index);
        if (layout.Forms.IsCompact(index))
            WriteCompact(target, index, node);
        else
            WriteExtended(target, index, node);
        var xattrs = layout.Xattrs.BodyBytes(index);
        layout.Xattrs.WriteBody(index, target[(head - xattrs)..head]);
        WriteBehind(target[head..], index, node);
    }

    private void WriteCompact(Span<byte> target, int index, FileNode node)
    {
        WriteStart(target, index, isExtended: false);
        WriteUInt16LittleEndian(target[0x6..], (ushort)layout.Nodes.Links(index));
        WriteUInt32LittleEndian(target[0x8..], (uint)placement.ShapeOf(index).LengthBytes);
        WriteUInt16LittleEndian(target[0x18..], (ushort)node.Uid);
        WriteUInt16LittleEndian(target[0x1A..], (ushort)node.Gid);
    }

    private void WriteExtended(Span<byte> target, int index, FileNode node)
    {
        WriteStart(target, index, isExtended: true);
        WriteInt64LittleEndian(target[0x8..], placement.ShapeOf(index).LengthBytes);
        WriteUInt32LittleEndian(target[0x18..], node.Uid);
        WriteUInt32LittleEndian(target[0x1C..], node.Gid);
        WriteInt64LittleEndian(target[0x20..], node.Mtime.Seconds);
        WriteInt32LittleEndian(target[0x28..], node.Mtime.Nanoseconds);
        WriteUInt32LittleEndian(target[0x2C..], layout.Nodes.Links(index));
    }

    /// <summary>What lies at the same place in both forms.</summary>
    private void WriteStart(Span<byte> target, int index, bool isExtended)
    {
        var node = layout.Nodes.Nodes[index];
        var shape = placement.ShapeOf(index);
        WriteUInt16LittleEndian(target, (ushort)((isExtended ? 1 : 0) | (int)shape.Layout << 1));
        WriteUInt16LittleEndian(target[0x2..], XattrPlan.CountOf(layout.Xattrs.BodyBytes(index)));
        WriteUInt16LittleEndian(target[0x4..], LinuxNode.ModeOf(node));
        WriteUInt32LittleEndian(target[0x10..], node switch
        {
            SpecialFile special => LinuxNode.IsDevice(special) ? LinuxNode.DeviceOf(special) : 0,
            _ when shape.Layout == DataLayout.ChunkBased => (uint)shape.ChunkBits,
            _ when shape.Layout == DataLayout.CompressedFull => (uint)shape.Blocks,
            _ => shape.Blocks == 0 ? NoBlock : (uint)placement.BlockOf(index),
        });
        WriteInt32LittleEndian(target[0x14..], index + 1);          // i_ino, for systems of 32 bits
    }

    private void WriteBehind(Span<byte> target, int index, FileNode node)
    {
        var shape = placement.ShapeOf(index);
        var tail = target[..shape.TailBytes];
        switch (node)
        {
            case RegularFile file when shape.Layout == DataLayout.ChunkBased:
                WriteChunkMap(target, index, file.Content);
                break;
            case RegularFile when shape.Layout == DataLayout.CompressedFull:
                ClusterIndex.Write(target, shape, placement.BlockOf(index), placement.ExtentsOf(index));
                break;
            case RegularFile file:
                file.Content.Read(shape.Blocks * BlockBytes, tail);
                break;
            case SymbolicLink link when shape.TailBytes > 0:
                link.Target.CopyTo(tail);
                break;
            case DirectoryNode when shape.TailBytes > 0:
                new DirectoryBlock(layout.Nodes, placement).WriteLast(index, tail);
                break;
        }
    }

    private void WriteChunkMap(Span<byte> target, int index, FileContent content)
    {
        var shape = placement.ShapeOf(index);
        var map = target[..(int)shape.MapBytes];
        map.Fill(0xFF);                                             // all hole
        var block = placement.BlockOf(index);
        foreach (var (first, end) in shape.Chunks(content))
        {
            for (var chunk = first; chunk < end; chunk++)
                WriteUInt32LittleEndian(map[((int)chunk * InodeShape.MapEntryBytes)..], (uint)(block + ((chunk - first) << shape.ChunkBits)));
            block += shape.BlocksIn(first, end);
        }
    }
}
