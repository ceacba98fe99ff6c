using Pipeline.Core.Files;
using Pipeline.Disk.Trees;
using static System.Buffers.Binary.BinaryPrimitives;
using static Pipeline.Disk.Squashfs.SquashfsFormat;

namespace Pipeline.Disk.Squashfs.Records;

/// <summary>One name of a directory.</summary>
/// <param name="Name">1 to 255 bytes.</param>
/// <param name="InodeNumber">Of what it names.</param>
/// <param name="InodeReference">Where that inode lies in the inode table.</param>
/// <param name="Type">Of the basic inode, 1 to 7.</param>
internal readonly record struct ListedName(FileName Name, uint InodeNumber, ulong InodeReference, ushort Type);

/// <summary>A place in a listing where a reader may begin.</summary>
/// <param name="OffsetBytes">From the start of the listing.</param>
/// <param name="BlockOffset">Of the metadata block, from the start of the directory table.</param>
/// <param name="Name">The first name there.</param>
internal readonly record struct IndexEntry(uint OffsetBytes, uint BlockOffset, FileName Name);

/// <summary>A listing that was written.</summary>
internal sealed record DirectoryListing(ulong Reference, uint LengthBytes, IReadOnlyList<IndexEntry> Index);

/// <summary>
/// Writes listings: runs of names whose inodes lie in one metadata block, a header before each. A run ends with its own
/// metadata block, so that one begins in each block of a long listing and the index can name it.
/// </summary>
internal sealed class DirectoryWriter(MetadataWriter table)
{
    private const int HeaderBytes = 12;
    private const int EntryBytes = 8;
    private const int MaxRunEntries = 256;

    /// <summary>i_count has 16 bits.</summary>
    private const int MaxIndexEntries = ushort.MaxValue;

    private readonly byte[] _record = new byte[EntryBytes + NodeMap.MaxNameBytes];

    /// <param name="names">In byte order.</param>
    public DirectoryListing Write(IReadOnlyList<ListedName> names)
    {
        var reference = table.Reference;
        var index = new List<IndexEntry>();
        var (written, indexed) = (0L, BlockOf(reference));
        for (var first = 0; first < names.Count;)
        {
            var here = table.Reference;
            if (BlockOf(here) != indexed && index.Count < MaxIndexEntries)
                index.Add(new(checked((uint)written), indexed = BlockOf(here), names[first].Name));
            var count = RunFrom(names, first, (int)(here & ushort.MaxValue));
            written += WriteRun(names, first, count);
            first += count;
        }
        return new(reference, checked((uint)written), index);
    }

    private static uint BlockOf(ulong reference) => checked((uint)(reference >> 16));

    /// <summary>How many names the run has that begins with <paramref name="first"/> at an offset of a metadata block.</summary>
    private static int RunFrom(IReadOnlyList<ListedName> names, int first, int offset)
    {
        var head = names[first];
        offset += HeaderBytes;
        var count = 0;
        while (first + count < names.Count && count < MaxRunEntries)
        {
            var name = names[first + count];
            var distance = (long)name.InodeNumber - head.InodeNumber;
            if (name.InodeReference >> 16 != head.InodeReference >> 16 || distance is < short.MinValue or > short.MaxValue)
                break;
            if (count > 0 && offset >= MetadataBytes)
                break;
            offset += EntryBytes + name.Name.Length;
            count++;
        }
        return count;
    }

    private int WriteRun(IReadOnlyList<ListedName> names, int first, int count)
    {
        var head = names[first];
        var header = _record.AsSpan(0, HeaderBytes);
        WriteInt32LittleEndian(header, count - 1);
        WriteUInt32LittleEndian(header[0x4..], BlockOf(head.InodeReference));
        WriteUInt32LittleEndian(header[0x8..], head.InodeNumber);
        table.Write(header);
        var length = HeaderBytes;
        for (var i = first; i < first + count; i++)
        {
            var entry = _record.AsSpan(0, EntryBytes + names[i].Name.Length);
            WriteUInt16LittleEndian(entry, (ushort)names[i].InodeReference);
            WriteInt16LittleEndian(entry[0x2..], (short)((long)names[i].InodeNumber - head.InodeNumber));
            WriteUInt16LittleEndian(entry[0x4..], names[i].Type);
            WriteUInt16LittleEndian(entry[0x6..], (ushort)(names[i].Name.Length - 1));
            names[i].Name.Bytes.CopyTo(entry[EntryBytes..]);
            table.Write(entry);
            length += entry.Length;
        }
        return length;
    }
}
