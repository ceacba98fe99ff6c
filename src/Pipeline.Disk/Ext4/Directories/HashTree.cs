using Pipeline.Core.Files;
using Pipeline.Core.Hashing;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Pipeline.Disk.Ext4.Directories;

/// <summary>
/// A directory of more than one block: its names sorted by hash into leaves, and an index of one or two levels in front of
/// them. Block 0 is the root of the index, then come its nodes if there are any, then the leaves.
/// </summary>
internal sealed class HashTree
{
    private const int RootOffset = 0x20;
    private const int NodeOffset = 0x8;
    private const int IndexEntryBytes = 8;
    private const byte HalfMd4 = 1;

    /// <summary>Leaves keep an eighth free, so that the first new names do not split them.</summary>
    private const int LeafFillBytes = DirectoryBlock.CapacityBytes - 512;

    private static readonly int RootCapacity = Capacity(RootOffset);
    private static readonly int NodeCapacity = Capacity(NodeOffset);

    private readonly DirectoryEntry[] _entries;
    private readonly List<Leaf> _leaves = [];

    /// <param name="entries">In any order, without the dots.</param>
    /// <param name="hash">The file system's hash.</param>
    public HashTree(IEnumerable<DirectoryEntry> entries, DirectoryHash hash)
    {
        _entries = [.. entries];
        var keys = Array.ConvertAll(_entries, e => new Key(hash.Of(e.Name.Bytes), e.Name));
        Array.Sort(keys, _entries, KeyOrder.Instance);
        Pack(keys);
        NodeCount = _leaves.Count > RootCapacity ? (_leaves.Count + NodeCapacity - 1) / NodeCapacity : 0;
    }

    /// <summary>Whether two levels of index are enough.</summary>
    public bool Fits => NodeCount <= RootCapacity;

    public int BlockCount => 1 + NodeCount + _leaves.Count;

    private int NodeCount { get; }

    /// <param name="block">Gives the place of a block of the directory, to fill.</param>
    /// <param name="inode">The directory.</param>
    /// <param name="parent">Its parent.</param>
    /// <param name="seed">The directory inode's checksum seed.</param>
    public void Write(BlockOf block, int inode, int parent, uint seed)
    {
        var root = block(0);
        WriteRoot(root, inode, parent);
        var below = NodeCount > 0
            ? Enumerable.Range(0, NodeCount).Select(n => (_leaves[n * NodeCapacity].Hash, 1 + n))
            : _leaves.Select((leaf, n) => (leaf.Hash, 1 + n));
        WriteIndex(root, RootOffset, [.. below], seed);
        for (var n = 0; n < NodeCount; n++)
        {
            var node = block(1 + n);
            WriteUInt16LittleEndian(node[4..], Ext4Format.BlockBytes);  // an unused entry that hides the index from old readers
            var firstLeaf = n * NodeCapacity;
            var leaves = _leaves.Skip(firstLeaf).Take(NodeCapacity).Select((leaf, i) => (leaf.Hash, 1 + NodeCount + firstLeaf + i));
            WriteIndex(node, NodeOffset, [.. leaves], seed);
        }
        for (var n = 0; n < _leaves.Count; n++)
        {
            var end = n + 1 < _leaves.Count ? _leaves[n + 1].FirstEntry : _entries.Length;
            DirectoryBlock.Write(block(1 + NodeCount + n), _entries.AsSpan(_leaves[n].FirstEntry..end), seed);
        }
    }

    public delegate Span<byte> BlockOf(int logicalBlock);

    /// <summary>A leaf whose first name has the hash of the last name before it says so in the lowest bit.</summary>
    private void Pack(Key[] keys)
    {
        var filled = LeafFillBytes;
        for (var i = 0; i < _entries.Length; i++)
        {
            if (filled + _entries[i].SizeBytes > LeafFillBytes)
            {
                var continues = i > 0 && keys[i - 1].Hash.Hash == keys[i].Hash.Hash;
                _leaves.Add(new(keys[i].Hash.Hash | (continues ? 1u : 0), i));
                filled = 0;
            }
            filled += _entries[i].SizeBytes;
        }
    }

    private void WriteRoot(Span<byte> target, int inode, int parent)
    {
        DirectoryBlock.WriteEntry(target, DirectoryBlock.DotEntry(inode), DirectoryBlock.DotsBytes / 2);
        DirectoryBlock.WriteEntry(target[12..], DirectoryBlock.DotDotEntry(parent), Ext4Format.BlockBytes - 12);
        target[0x1C] = HalfMd4;                         // dx_root_info.hash_version
        target[0x1D] = 8;                               // info_length
        target[0x1E] = (byte)(NodeCount > 0 ? 1 : 0);   // indirect_levels
    }

    private static void WriteIndex(Span<byte> block, int offset, ReadOnlySpan<(uint Hash, int Block)> entries, uint seed)
    {
        for (var i = 0; i < entries.Length; i++)
        {
            WriteUInt32LittleEndian(block[(offset + IndexEntryBytes * i)..], entries[i].Hash);
            WriteInt32LittleEndian(block[(offset + IndexEntryBytes * i + 4)..], entries[i].Block);
        }
        WriteUInt16LittleEndian(block[offset..], (ushort)Capacity(offset)); // limit and count lie over the first hash, which is 0
        WriteUInt16LittleEndian(block[(offset + 2)..], (ushort)entries.Length);
        var checksum = Crc32C.Append(seed, block[..(offset + IndexEntryBytes * entries.Length)]);
        checksum = Crc32C.Append(checksum, stackalloc byte[8]);         // dx_tail: a reserved word and its own zero
        WriteUInt32LittleEndian(block[(offset + IndexEntryBytes * Capacity(offset) + 4)..], checksum);
    }

    /// <summary>Index entries of a block, with room for the tail behind them.</summary>
    private static int Capacity(int offset) => (Ext4Format.BlockBytes - offset - 8) / IndexEntryBytes;

    private readonly record struct Leaf(uint Hash, int FirstEntry);

    private readonly record struct Key((uint Hash, uint Minor) Hash, FileName Name);

    private sealed class KeyOrder : IComparer<Key>
    {
        public static readonly KeyOrder Instance = new();

        public int Compare(Key x, Key y)
        {
            var order = x.Hash.Hash.CompareTo(y.Hash.Hash);
            if (order == 0)
                order = x.Hash.Minor.CompareTo(y.Hash.Minor);
            return order != 0 ? order : x.Name.CompareTo(y.Name);
        }
    }
}
