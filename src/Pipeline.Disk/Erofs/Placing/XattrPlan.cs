using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Disk.Ext4.Xattrs;
using Pipeline.Disk.Trees;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Pipeline.Disk.Erofs.Placing;

/// <summary>An attribute as erofs keeps it: a number for the prefix, the rest of the name, the value.</summary>
internal sealed record XattrEntry(byte Prefix, byte[] Name, byte[] Value) : IComparable<XattrEntry>
{
    private const int HeaderBytes = 4;
    private const int MaxNameBytes = 255;

    private static readonly (string Prefix, byte Number)[] Prefixes = [("user.", 1), ("trusted.", 4), ("security.", 6)];

    /// <summary>With the zeroes that fill it up to four bytes.</summary>
    public int SizeBytes => (HeaderBytes + Name.Length + Value.Length + 3) & ~3;

    private bool IsAcl => Prefix is 2 or 3;

    public bool IsSound => Value.Length <= ushort.MaxValue
        && (IsAcl ? PosixAcl.ToDisk(Value) is not null : Name.Length is > 0 and <= MaxNameBytes && !Name.AsSpan().Contains((byte)0));

    /// <summary>Null for a name space that erofs does not have.</summary>
    public static XattrEntry? Parse(Xattr xattr)
    {
        if (xattr.Name == "system.posix_acl_access")
            return new(2, [], xattr.Value);
        if (xattr.Name == "system.posix_acl_default")
            return new(3, [], xattr.Value);
        foreach (var (prefix, number) in Prefixes)
        {
            if (xattr.Name.StartsWith(prefix, StringComparison.Ordinal))
                return new(number, Encoding.UTF8.GetBytes(xattr.Name[prefix.Length..]), xattr.Value);
        }
        return null;
    }

    public int CompareTo(XattrEntry? other)
    {
        if (other is null)
            return 1;
        var order = Prefix.CompareTo(other.Prefix);
        return order != 0 ? order : Name.AsSpan().SequenceCompareTo(other.Name);
    }

    /// <param name="target"><see cref="SizeBytes"/> at least, all zero.</param>
    public void WriteTo(Span<byte> target)
    {
        target[0x0] = (byte)Name.Length;
        target[0x1] = Prefix;
        WriteUInt16LittleEndian(target[0x2..], (ushort)Value.Length);
        Name.CopyTo(target[HeaderBytes..]);
        Value.CopyTo(target[(HeaderBytes + Name.Length)..]);
    }

    /// <summary>The same for entries of the same bytes.</summary>
    public UInt128 Digest()
    {
        var bytes = new byte[SizeBytes];
        WriteTo(bytes);
        return ReadUInt128LittleEndian(SHA256.HashData(bytes));
    }
}

/// <summary>
/// Which attributes lie with their inode, and which once for all: those that two or more inodes have. Call
/// <see cref="Share"/> after the last <see cref="Add"/>.
/// </summary>
internal sealed class XattrPlan
{
    private const int HeaderBytes = 12;
    private const int ReferenceBytes = 4;
    private const int Unshared = -1;

    /// <summary>h_shared_count has 8 bits.</summary>
    private const int MaxShared = 255;

    /// <summary>i_xattr_icount has 16 bits and counts from one header on.</summary>
    private const int MaxBodyBytes = HeaderBytes + (ushort.MaxValue - 1) * 4;

    private readonly Dictionary<int, int> _setOf = [];
    private readonly List<int[]> _sets = [];
    private readonly Dictionary<string, int> _setByEntries = new(StringComparer.Ordinal);
    private readonly List<XattrEntry> _entries = [];
    private readonly List<int> _uses = [];
    private readonly List<int> _places = [];
    private readonly Dictionary<UInt128, int> _entryByDigest = [];

    /// <summary>Of all shared entries.</summary>
    public long SharedBytes { get; private set; }

    public void Add(int index, FileNode node, NodeProblems problems)
    {
        var entries = new SortedSet<XattrEntry>();
        foreach (var xattr in node.Xattrs)
        {
            var entry = XattrEntry.Parse(xattr);
            if (entry is null)
                problems.Add(index, ErofsRules.ForeignXattr, xattr.Name);
            else if (!entry.IsSound)
                problems.Add(index, ErofsRules.BadXattr, xattr.Name, xattr.Value.Length);
            if (entry is not { IsSound: true })
                continue;
            entries.Remove(entry);                                  // the last of equal names wins
            entries.Add(entry);
        }
        if (entries.Count > 0)
            _setOf.Add(index, SetOf([.. entries.Select(EntryOf)]));
    }

    /// <summary>Decides what is shared, and complains of inodes that have more than there is room for.</summary>
    public void Share(NodeProblems problems)
    {
        foreach (var (entry, uses) in _entries.Zip(_uses))
        {
            var isShared = uses > 1 && entry.SizeBytes > ReferenceBytes;
            _places.Add(isShared ? checked((int)(SharedBytes / ReferenceBytes)) : Unshared);
            SharedBytes += isShared ? entry.SizeBytes : 0;
        }
        foreach (var (index, _) in _setOf)
        {
            if (BodyBytes(index) is var bytes and > MaxBodyBytes)
                problems.Add(index, ErofsRules.XattrsTooLarge, bytes, MaxBodyBytes);
        }
    }

    /// <summary>What an inode has behind its fixed part; 0 without attributes.</summary>
    public int BodyBytes(int index)
    {
        if (!_setOf.TryGetValue(index, out var set))
            return 0;
        var bytes = HeaderBytes;
        foreach (var (entry, isShared) in Entries(set))
            bytes += isShared ? ReferenceBytes : _entries[entry].SizeBytes;
        return bytes;
    }

    /// <summary>i_xattr_icount of a body.</summary>
    public static ushort CountOf(int bodyBytes) => (ushort)(bodyBytes == 0 ? 0 : (bodyBytes - HeaderBytes) / 4 + 1);

    /// <param name="target"><see cref="BodyBytes"/>, all zero.</param>
    public void WriteBody(int index, Span<byte> target)
    {
        if (!_setOf.TryGetValue(index, out var set))
            return;
        var at = HeaderBytes;
        foreach (var (entry, isShared) in Entries(set).Where(e => e.IsShared))
        {
            target[0x4]++;                                          // h_shared_count
            WriteInt32LittleEndian(target[at..], _places[entry]);
            at += ReferenceBytes;
        }
        foreach (var (entry, _) in Entries(set).Where(e => !e.IsShared))
        {
            _entries[entry].WriteTo(target[at..]);
            at += _entries[entry].SizeBytes;
        }
    }

    /// <summary>The shared entries, each with its place in bytes from the start of their area.</summary>
    public IEnumerable<(long OffsetBytes, XattrEntry Entry)> Shared() =>
        _entries.Select((e, i) => ((long)_places[i] * ReferenceBytes, e)).Where((_, i) => _places[i] != Unshared);

    private IEnumerable<(int Entry, bool IsShared)> Entries(int set)
    {
        var shared = 0;
        foreach (var entry in _sets[set])
            yield return (entry, _places[entry] != Unshared && shared++ < MaxShared);
    }

    private int EntryOf(XattrEntry entry)
    {
        var digest = entry.Digest();
        if (!_entryByDigest.TryGetValue(digest, out var number))
        {
            _entryByDigest.Add(digest, number = _entries.Count);
            _entries.Add(entry);
            _uses.Add(0);
        }
        _uses[number]++;
        return number;
    }

    private int SetOf(int[] entries)
    {
        var key = string.Join(',', entries.Select(e => e.ToString(CultureInfo.InvariantCulture)));
        if (!_setByEntries.TryGetValue(key, out var number))
        {
            _setByEntries.Add(key, number = _sets.Count);
            _sets.Add(entries);
        }
        return number;
    }
}
