using System.Numerics;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Core.Hashing;
using Pipeline.Disk.Ext4.Records;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Pipeline.Disk.Ext4.Xattrs;

/// <summary>
/// The attributes of one file, shared out: first what fits into the 96 bytes behind the inode, the rest into one block.
/// Blocks with the same bytes are shared between files by the caller.
/// </summary>
internal sealed class XattrSet
{
    /// <summary>Files that may share a block (<c>EXT4_XATTR_REFCOUNT_MAX</c>).</summary>
    public const int MaxReferences = 1024;

    private const uint Magic = 0xEA02_0000;
    private const int BlockHeaderBytes = 32;
    private const int EndMarkBytes = 4;
    private const int BodyCapacity = Inode.XattrBytes - 4 - EndMarkBytes;
    private const int BlockCapacity = Ext4Format.BlockBytes - BlockHeaderBytes - EndMarkBytes;

    private readonly List<XattrEntry> _body = [];
    private readonly List<XattrEntry> _block = [];

    /// <param name="xattrs">By their Linux names; the last of equal ones wins.</param>
    /// <param name="problems">Takes the rule and what it is about; an error means that the set is of no use.</param>
    public XattrSet(IReadOnlyList<Xattr> xattrs, List<(Rule Rule, object Subject)> problems)
    {
        var entries = new SortedSet<XattrEntry>();
        foreach (var xattr in xattrs)
        {
            if (Parse(xattr, problems) is not { } entry)
                continue;
            entries.Remove(entry);
            entries.Add(entry);
        }
        var room = BodyCapacity;
        foreach (var entry in entries)
        {
            var fits = entry.SizeBytes <= room;
            (fits ? _body : _block).Add(entry);
            room -= fits ? entry.SizeBytes : 0;
        }
        if (_block.Sum(e => (long)e.SizeBytes) - BlockCapacity is > 0 and var excess)
            problems.Add((Ext4Rules.XattrsTooLarge, excess));
    }

    public bool HasBlock => _block.Count > 0;

    /// <param name="target">The 96 bytes behind the inode's fixed part, all zero.</param>
    public void WriteBody(Span<byte> target)
    {
        if (_body.Count == 0)
            return;
        WriteUInt32LittleEndian(target, Magic);
        WriteEntries(target[4..], _body, 0);
    }

    /// <summary>Fills an attribute block but for its references and checksum (<see cref="Seal"/>).</summary>
    /// <param name="target">One block, all zero.</param>
    public void WriteBlock(Span<byte> target)
    {
        WriteUInt32LittleEndian(target, Magic);
        WriteUInt32LittleEndian(target[0x8..], 1);                       // h_blocks
        var hash = 0u;
        foreach (var entry in _block)
            hash = BitOperations.RotateLeft(hash, 16) ^ entry.Hash();
        WriteUInt32LittleEndian(target[0xC..], hash);
        WriteEntries(target, _block, BlockHeaderBytes);
    }

    /// <summary>Completes an attribute block whose place and users are known.</summary>
    public static void Seal(Span<byte> block, int references, long blockNumber, uint seed)
    {
        WriteInt32LittleEndian(block[0x4..], references);
        Span<byte> number = stackalloc byte[8];
        WriteInt64LittleEndian(number, blockNumber);
        WriteUInt32LittleEndian(block[0x10..], Crc32C.Append(Crc32C.Append(seed, number), block)); // the block's number, then all of it
    }

    /// <summary>Entries grow from <paramref name="first"/>, values from the end.</summary>
    private static void WriteEntries(Span<byte> target, List<XattrEntry> entries, int first)
    {
        var end = target.Length;
        foreach (var entry in entries)
        {
            end -= entry.ValueBytes;
            entry.WriteTo(target[first..], entry.Value.Length == 0 ? 0 : end);
            entry.Value.CopyTo(target[end..]);
            first += entry.EntryBytes;
        }
    }

    private static XattrEntry? Parse(Xattr xattr, List<(Rule Rule, object Subject)> problems)
    {
        var entry = XattrEntry.Parse(xattr.Name, xattr.Value);
        if (entry is null)
        {
            problems.Add((Ext4Rules.ForeignXattr, xattr.Name));
            return null;
        }
        if (entry.IsAcl)
        {
            if (PosixAcl.ToDisk(entry.Value) is { } acl)
                return entry with { Value = acl };
            problems.Add((Ext4Rules.BadAcl, xattr.Name));
            return null;
        }
        if (entry.Name.Length is > 0 and <= XattrEntry.MaxNameBytes && !entry.Name.AsSpan().Contains((byte)0))
            return entry;
        problems.Add((Ext4Rules.BadXattrName, xattr.Name));
        return null;
    }
}
