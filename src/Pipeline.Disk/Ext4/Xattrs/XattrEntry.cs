using System.Numerics;
using System.Text;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Pipeline.Disk.Ext4.Xattrs;

/// <summary>One attribute as ext4 keeps it: a number for the prefix, the rest of the name, the value.</summary>
internal sealed record XattrEntry(byte NameIndex, byte[] Name, byte[] Value) : IComparable<XattrEntry>
{
    public const int HeaderBytes = 16;
    public const int MaxNameBytes = 255;

    private const int NameHashShift = 5;
    private const int ValueHashShift = 16;

    private static readonly (string Prefix, byte Index)[] Prefixes = [("user.", 1), ("trusted.", 4), ("security.", 6)];

    public bool IsAcl => NameIndex is 2 or 3;

    public int EntryBytes => HeaderBytes + Padded(Name.Length);

    public int ValueBytes => Padded(Value.Length);

    public int SizeBytes => EntryBytes + ValueBytes;

    /// <summary>The name's prefix as a number; null for a name space that ext4 does not have.</summary>
    public static XattrEntry? Parse(string name, byte[] value)
    {
        if (name == "system.posix_acl_access")
            return new(2, [], value);
        if (name == "system.posix_acl_default")
            return new(3, [], value);
        foreach (var (prefix, index) in Prefixes)
        {
            if (name.StartsWith(prefix, StringComparison.Ordinal))
                return new(index, Encoding.UTF8.GetBytes(name[prefix.Length..]), value);
        }
        return null;
    }

    /// <summary>The order that the kernel keeps in attribute blocks.</summary>
    public int CompareTo(XattrEntry? other)
    {
        if (other is null)
            return 1;
        var order = NameIndex.CompareTo(other.NameIndex);
        if (order == 0)
            order = Name.Length.CompareTo(other.Name.Length);
        return order != 0 ? order : Name.AsSpan().SequenceCompareTo(other.Name);
    }

    /// <param name="target">From the entry on, all zero.</param>
    /// <param name="valueOffset">From the start of the block, or of the first entry in an inode; 0 for an empty value.</param>
    public void WriteTo(Span<byte> target, int valueOffset)
    {
        target[0] = (byte)Name.Length;
        target[0x1] = NameIndex;
        WriteUInt16LittleEndian(target[0x2..], (ushort)valueOffset);
        WriteInt32LittleEndian(target[0x8..], Value.Length);
        WriteUInt32LittleEndian(target[0xC..], Hash());
        Name.CopyTo(target[HeaderBytes..]);
    }

    /// <summary>e_hash: the name byte by byte (signed, as it always was on x86), then the value in words of four bytes.</summary>
    public uint Hash()
    {
        var hash = 0u;
        foreach (var b in Name)
            hash = BitOperations.RotateLeft(hash, NameHashShift) ^ (uint)(sbyte)b;
        Span<byte> word = stackalloc byte[4];
        for (var offset = 0; offset < Value.Length; offset += 4)
        {
            word.Clear();
            Value.AsSpan(offset, Math.Min(4, Value.Length - offset)).CopyTo(word);
            hash = BitOperations.RotateLeft(hash, ValueHashShift) ^ ReadUInt32LittleEndian(word);
        }
        return hash;
    }

    private static int Padded(int bytes) => (bytes + 3) & ~3;
}
