using System.Security.Cryptography;
using System.Text;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using static System.Buffers.Binary.BinaryPrimitives;
using static Pipeline.Disk.Squashfs.SquashfsFormat;

namespace Pipeline.Disk.Squashfs.Placing;

/// <summary>An attribute as squashfs keeps it: a number for the prefix, the rest of the name, the value.</summary>
internal sealed record XattrEntry(ushort Prefix, byte[] Name, byte[] Value) : IComparable<XattrEntry>
{
    private static readonly (string Prefix, ushort Number)[] Prefixes = [("user.", 0), ("trusted.", 1), ("security.", 2)];

    /// <summary>Null for a name space that squashfs does not have.</summary>
    public static XattrEntry? Parse(Xattr xattr)
    {
        foreach (var (prefix, number) in Prefixes)
        {
            if (xattr.Name.StartsWith(prefix, StringComparison.Ordinal))
                return new(number, Encoding.UTF8.GetBytes(xattr.Name[prefix.Length..]), xattr.Value);
        }
        return null;
    }

    public bool IsSound => Name.Length is > 0 and <= MaxXattrNameBytes && !Name.AsSpan().Contains((byte)0) && Value.Length <= MaxXattrValueBytes;

    public int CompareTo(XattrEntry? other)
    {
        if (other is null)
            return 1;
        var order = Prefix.CompareTo(other.Prefix);
        return order != 0 ? order : Name.AsSpan().SequenceCompareTo(other.Name);
    }
}

/// <summary>The different sets of attributes, each kept once, and which node has which.</summary>
internal sealed class XattrPlan
{
    private readonly Dictionary<int, int> _setOf = [];
    private readonly List<XattrEntry[]> _sets = [];
    private readonly Dictionary<UInt128, int> _byDigest = [];

    public IReadOnlyList<XattrEntry[]> Sets => _sets;

    /// <summary>The number of a node's set.</summary>
    public uint SetOf(int index) => _setOf.TryGetValue(index, out var set) ? (uint)set : NoXattrs;

    /// <param name="problems">Takes the rule and what it is about.</param>
    public void Add(int index, FileNode node, List<(Rule Rule, object?[] Details)> problems)
    {
        var entries = new SortedSet<XattrEntry>();
        foreach (var xattr in node.Xattrs)
        {
            var entry = XattrEntry.Parse(xattr);
            if (entry is null)
                problems.Add((SquashfsRules.ForeignXattr, [xattr.Name]));
            else if (!entry.IsSound)
                problems.Add((SquashfsRules.BadXattr, [xattr.Name, xattr.Value.Length]));
            if (entry is not { IsSound: true })
                continue;
            entries.Remove(entry);                                  // the last of equal names wins
            entries.Add(entry);
        }
        if (entries.Count > 0)
            _setOf.Add(index, Number([.. entries]));
    }

    private int Number(XattrEntry[] set)
    {
        var digest = DigestOf(set);
        if (_byDigest.TryGetValue(digest, out var number))
            return number;
        _byDigest.Add(digest, _sets.Count);
        _sets.Add(set);
        return _sets.Count - 1;
    }

    private static UInt128 DigestOf(XattrEntry[] set)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> head = stackalloc byte[10];
        foreach (var entry in set)
        {
            WriteUInt16LittleEndian(head, entry.Prefix);
            WriteInt32LittleEndian(head[2..], entry.Name.Length);
            WriteInt32LittleEndian(head[6..], entry.Value.Length);
            hash.AppendData(head);
            hash.AppendData(entry.Name);
            hash.AppendData(entry.Value);
        }
        return ReadUInt128LittleEndian(hash.GetHashAndReset());
    }
}
