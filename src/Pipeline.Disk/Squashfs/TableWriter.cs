using Pipeline.Core.Blocks;
using Pipeline.Core.Compression;
using Pipeline.Core.Files;
using Pipeline.Disk.Squashfs.Packing;
using Pipeline.Disk.Squashfs.Placing;
using Pipeline.Disk.Squashfs.Records;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Pipeline.Disk.Squashfs;

/// <summary>
/// Writes all that lies behind the contents. A listing needs the places of its inodes, and the inode of a directory that of
/// its listing: so directories come in reverse, what is below a directory before it, and the inodes of its names side by side.
/// </summary>
internal sealed class TableWriter(SquashfsLayout layout, PackedContents contents, ScratchFile output)
{
    private const ulong NotWritten = ulong.MaxValue;

    private readonly ulong[] _references = [.. Enumerable.Repeat(NotWritten, layout.Nodes.Nodes.Count)];
    private readonly List<Region> _regions = [];

    public IReadOnlyList<Region> Regions => _regions;

    public SuperBlock Write(CancellationToken ct)
    {
        var options = layout.Options;
        using var compressor = BlockCompressor.Open(options.Compression, options.Level, SquashfsFormat.MetadataBytes);
        var inodesAt = output.LengthBytes;
        var listings = new AppendBuffer();
        WriteInodes(new MetadataWriter(output, compressor), new MetadataWriter(listings, compressor), ct);
        Close("inode table", inodesAt);
        var listingsAt = output.LengthBytes;
        listings.MoveTo(output);
        Close("directory table", listingsAt);
        var fragments = Lookup(compressor, "fragment table", contents.Fragments.Count, Fragment, 16);
        var export = Lookup(compressor, "export table", _references.Length, (i, record) => WriteUInt64LittleEndian(record, _references[i]), 8);
        var ids = Lookup(compressor, "owner table", layout.Ids.Ids.Count, (i, record) => WriteUInt32LittleEndian(record, layout.Ids.Ids[i]), 4);
        var xattrsAt = output.LengthBytes;
        var xattrs = new XattrTable(output, compressor).Write(layout.Xattrs.Sets);
        Close("extended attributes", xattrsAt);
        var places = new TablePlaces(inodesAt, listingsAt, fragments, export, ids, xattrs, output.LengthBytes);
        return new(options, _references.Length, contents.Fragments.Count, layout.Ids.Ids.Count, _references[0], places);
    }

    private void WriteInodes(MetadataWriter inodes, MetadataWriter listings, CancellationToken ct)
    {
        var inodeWriter = new InodeWriter(layout, contents, inodes);
        var listingWriter = new DirectoryWriter(listings);
        var directories = layout.Nodes.Directories;
        var written = new DirectoryListing?[directories.Count];
        for (var number = directories.Count - 1; number >= 0; number--)
        {
            ct.ThrowIfCancellationRequested();
            foreach (var (_, index) in layout.Nodes.Children(directories[number]))
                WriteInode(index, inodeWriter, inodes, written);
            written[number] = listingWriter.Write([.. layout.Nodes.Children(directories[number]).Select(Listed)]);
        }
        WriteInode(0, inodeWriter, inodes, written);
        inodes.Flush();
        listings.Flush();
    }

    /// <summary>Once a node, whatever number of names it has.</summary>
    private void WriteInode(int index, InodeWriter writer, MetadataWriter inodes, DirectoryListing?[] listings)
    {
        if (_references[index] != NotWritten)
            return;
        _references[index] = inodes.Reference;
        var node = layout.Nodes.Nodes[index];
        if (node is not DirectoryNode)
        {
            writer.Write(index, node);
            return;
        }
        var number = layout.Nodes.DirectoryOf(index);
        writer.WriteDirectory(index, listings[number]!);
        listings[number] = null;
    }

    private ListedName Listed((FileName Name, int Index) child) =>
        new(child.Name, (uint)child.Index + 1, _references[child.Index], InodeWriter.TypeOf(layout.Nodes.Nodes[child.Index]));

    private void Fragment(int place, Span<byte> record)
    {
        WriteInt64LittleEndian(record, contents.Fragments[place].Start);
        WriteUInt32LittleEndian(record[0x8..], contents.Fragments[place].Size);
    }

    private long Lookup(BlockCompressor compressor, string name, int count, LookupTable.RecordEncoder encode, int recordBytes)
    {
        var start = output.LengthBytes;
        var list = LookupTable.Write(output, compressor, count, encode, recordBytes);
        Close(name, start);
        return list;
    }

    private void Close(string name, long start)
    {
        if (output.LengthBytes > start)
            _regions.Add(new(start, output.LengthBytes - start, name));
    }
}
