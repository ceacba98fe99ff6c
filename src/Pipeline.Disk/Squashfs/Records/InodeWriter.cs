using Pipeline.Core.Files;
using Pipeline.Disk.Squashfs.Packing;
using Pipeline.Disk.Squashfs.Placing;
using Pipeline.Disk.Trees;
using static System.Buffers.Binary.BinaryPrimitives;
using static Pipeline.Disk.Squashfs.SquashfsFormat;

namespace Pipeline.Disk.Squashfs.Records;

/// <summary>
/// Writes inodes: the basic form where it holds what there is, else the extended one (type + 7) with 64-bit sizes, links
/// of files and attributes. Inode numbers are the index of the node + 1.
/// </summary>
internal sealed class InodeWriter(SquashfsLayout layout, PackedContents contents, MetadataWriter table)
{
    public const ushort DirectoryType = 1;
    public const ushort FileType = 2;
    public const ushort LinkType = 3;
    private const ushort Extended = 7;
    private const int EmptyListingBytes = 3;

    private readonly byte[] _record = new byte[64];

    /// <summary>The type of the basic inode, as directories list it.</summary>
    public static ushort TypeOf(FileNode node) => node switch
    {
        DirectoryNode => DirectoryType,
        RegularFile => FileType,
        SymbolicLink => LinkType,
        SpecialFile special => special.Kind switch
        {
            SpecialKind.BlockDevice => 4,
            SpecialKind.CharacterDevice => 5,
            SpecialKind.Fifo => 6,
            _ => 7,
        },
        _ => throw new ArgumentException($"a node of an unknown kind: {node.GetType()}"),
    };

    public void WriteDirectory(int index, DirectoryListing listing)
    {
        var place = layout.Nodes.Directories[layout.Nodes.DirectoryOf(index)];
        // The root's parent is a number that no inode has.
        var parent = index == 0 ? layout.Nodes.Nodes.Count + 1 : layout.Nodes.Directories[place.Parent].Index + 1;
        var length = listing.LengthBytes + EmptyListingBytes;
        var xattrs = layout.Xattrs.SetOf(index);
        if (length <= ushort.MaxValue && xattrs == NoXattrs && listing.Index.Count == 0)
        {
            var basic = Begin(index, DirectoryType, 32);
            WriteUInt32LittleEndian(basic[0x10..], (uint)(listing.Reference >> 16));
            WriteUInt32LittleEndian(basic[0x14..], layout.Nodes.Links(index));
            WriteUInt16LittleEndian(basic[0x18..], (ushort)length);
            WriteUInt16LittleEndian(basic[0x1A..], (ushort)listing.Reference);
            WriteInt32LittleEndian(basic[0x1C..], parent);
            table.Write(basic);
            return;
        }
        var record = Begin(index, DirectoryType + Extended, 40);
        WriteUInt32LittleEndian(record[0x10..], layout.Nodes.Links(index));
        WriteUInt32LittleEndian(record[0x14..], length);
        WriteUInt32LittleEndian(record[0x18..], (uint)(listing.Reference >> 16));
        WriteInt32LittleEndian(record[0x1C..], parent);
        WriteUInt16LittleEndian(record[0x20..], (ushort)listing.Index.Count);
        WriteUInt16LittleEndian(record[0x22..], (ushort)listing.Reference);
        WriteUInt32LittleEndian(record[0x24..], xattrs);
        table.Write(record);
        foreach (var entry in listing.Index)
            WriteIndexEntry(entry);
    }

    /// <summary>Anything but a directory.</summary>
    public void Write(int index, FileNode node)
    {
        switch (node)
        {
            case RegularFile file:
                WriteFile(index, file.Content);
                break;
            case SymbolicLink link:
                WriteLink(index, link);
                break;
            case SpecialFile special:
                WriteSpecial(index, special);
                break;
        }
    }

    private void WriteIndexEntry(IndexEntry entry)
    {
        var head = _record.AsSpan(0, 12);
        WriteUInt32LittleEndian(head, entry.OffsetBytes);
        WriteUInt32LittleEndian(head[0x4..], entry.BlockOffset);
        WriteInt32LittleEndian(head[0x8..], entry.Name.Length - 1);
        table.Write(head);
        table.Write(entry.Name.Bytes);
    }

    private void WriteFile(int index, FileContent content)
    {
        ref readonly var place = ref contents.PlaceOf(index);
        var blocks = contents.BlocksOf(index);
        var holes = HoleBytes(blocks, place);
        var (links, xattrs) = (layout.Nodes.Links(index), layout.Xattrs.SetOf(index));
        if (place.Start <= uint.MaxValue && content.LengthBytes <= uint.MaxValue && holes == 0 && links == 1 && xattrs == NoXattrs)
        {
            var basic = Begin(index, FileType, 32);
            WriteUInt32LittleEndian(basic[0x10..], (uint)place.Start);
            WriteUInt32LittleEndian(basic[0x14..], place.Fragment);
            WriteInt32LittleEndian(basic[0x18..], place.FragmentOffset);
            WriteUInt32LittleEndian(basic[0x1C..], (uint)content.LengthBytes);
            table.Write(basic);
        }
        else
        {
            var record = Begin(index, FileType + Extended, 56);
            WriteInt64LittleEndian(record[0x10..], place.Start);
            WriteInt64LittleEndian(record[0x18..], content.LengthBytes);
            // What a reader takes off the space that a file has: never all, or the file looks as if it had no data.
            WriteInt64LittleEndian(record[0x20..], Math.Min(holes, Math.Max(0, content.LengthBytes - 1)));
            WriteUInt32LittleEndian(record[0x28..], links);
            WriteUInt32LittleEndian(record[0x2C..], place.Fragment);
            WriteInt32LittleEndian(record[0x30..], place.FragmentOffset);
            WriteUInt32LittleEndian(record[0x34..], xattrs);
            table.Write(record);
        }
        WriteSizes(blocks, place);
    }

    private long HoleBytes(BlockList blocks, FilePlace place)
    {
        var (holes, next, size) = (0L, 0L, place.FirstSize);
        foreach (var (first, end) in blocks.DataRuns())
        {
            holes += (first - next) * blocks.BlockBytes;
            for (var block = first; block < end; block++)
                holes += contents.Sizes[size++] == 0 ? blocks.LengthOf(block) : 0;
            next = end;
        }
        if (next < blocks.BlockCount)
            holes += (blocks.BlockCount - next - 1) * blocks.BlockBytes + blocks.LengthOf(blocks.BlockCount - 1);
        return holes;
    }

    private void WriteSizes(BlockList blocks, FilePlace place)
    {
        var (next, size) = (0L, place.FirstSize);
        foreach (var (first, end) in blocks.DataRuns())
        {
            table.WriteZeroes((first - next) * sizeof(uint));
            for (var block = first; block < end; block++)
            {
                WriteUInt32LittleEndian(_record, contents.Sizes[size++]);
                table.Write(_record.AsSpan(0, sizeof(uint)));
            }
            next = end;
        }
        table.WriteZeroes((blocks.BlockCount - next) * sizeof(uint));
    }

    private void WriteLink(int index, SymbolicLink link)
    {
        var xattrs = layout.Xattrs.SetOf(index);
        var record = Begin(index, xattrs == NoXattrs ? LinkType : LinkType + Extended, 24);
        WriteUInt32LittleEndian(record[0x10..], layout.Nodes.Links(index));
        WriteInt32LittleEndian(record[0x14..], link.Target.Length);
        table.Write(record);
        table.Write(link.Target);
        if (xattrs == NoXattrs)
            return;
        WriteUInt32LittleEndian(_record, xattrs);
        table.Write(_record.AsSpan(0, sizeof(uint)));
    }

    private void WriteSpecial(int index, SpecialFile special)
    {
        var xattrs = layout.Xattrs.SetOf(index);
        var isDevice = LinuxNode.IsDevice(special);
        var length = 20 + (isDevice ? 4 : 0) + (xattrs == NoXattrs ? 0 : 4);
        var record = Begin(index, TypeOf(special) + (xattrs == NoXattrs ? 0 : Extended), length);
        WriteUInt32LittleEndian(record[0x10..], layout.Nodes.Links(index));
        if (isDevice)
            WriteUInt32LittleEndian(record[0x14..], LinuxNode.DeviceOf(special));
        if (xattrs != NoXattrs)
            WriteUInt32LittleEndian(record[^4..], xattrs);
        table.Write(record);
    }

    private Span<byte> Begin(int index, int type, int lengthBytes)
    {
        var node = layout.Nodes.Nodes[index];
        var record = _record.AsSpan(0, lengthBytes);
        record.Clear();
        WriteUInt16LittleEndian(record, (ushort)type);
        WriteUInt16LittleEndian(record[0x2..], node.Permissions);
        WriteUInt16LittleEndian(record[0x4..], layout.Ids.PlaceOf(node.Uid));
        WriteUInt16LittleEndian(record[0x6..], layout.Ids.PlaceOf(node.Gid));
        WriteUInt32LittleEndian(record[0x8..], SuperBlock.Seconds(node.Mtime));
        WriteInt32LittleEndian(record[0xC..], index + 1);
        return record;
    }
}
