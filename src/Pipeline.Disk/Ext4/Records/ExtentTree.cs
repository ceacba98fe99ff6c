using Pipeline.Core.Hashing;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Pipeline.Disk.Ext4.Records;

/// <summary>A run of a file: <paramref name="Count"/> blocks from logical block <paramref name="Logical"/> on lie at <paramref name="Block"/>.</summary>
internal readonly record struct Extent(uint Logical, long Block, int Count)
{
    /// <summary>Longer runs would mean "allocated, not written" on disk.</summary>
    public const int MaxBlocks = 32768;
}

/// <summary>
/// A file's block map: up to four entries in the inode, or a tree of blocks with 340 entries each below it.
/// Every entry and header has 12 bytes.
/// </summary>
internal static class ExtentTree
{
    private const ushort Magic = 0xF30A;
    private const int EntryBytes = 12;
    private const int EntriesInInode = Inode.BlockBytes / EntryBytes - 1;
    private const int EntriesInBlock = (Ext4Format.BlockBytes - 4) / EntryBytes - 1;
    private const int TailOffset = (EntriesInBlock + 1) * EntryBytes;

    /// <summary>How many blocks of its own the tree needs.</summary>
    public static int BlockCount(int extents)
    {
        var blocks = 0;
        for (var entries = extents; entries > EntriesInInode; blocks += entries)
            entries = (entries + EntriesInBlock - 1) / EntriesInBlock;
        return blocks;
    }

    /// <summary>Fills i_block and the tree's blocks, leaves first.</summary>
    /// <param name="root">i_block: 60 bytes, all zero.</param>
    /// <param name="extents">Ascending by logical block.</param>
    /// <param name="blocks">As many blocks as <see cref="BlockCount"/> says.</param>
    /// <param name="output">Takes the tree's blocks with the inode's checksum seed; not used while there are none.</param>
    public static void Write(Span<byte> root, IReadOnlyList<Extent> extents, IReadOnlyList<long> blocks, (BlockBuffer Buffer, uint Seed) output)
    {
        var level = new List<Extent>(extents);
        var depth = 0;
        var used = 0;
        while (level.Count > EntriesInInode)
        {
            var above = new List<Extent>();
            for (var start = 0; start < level.Count; start += EntriesInBlock)
            {
                var entries = level.GetRange(start, Math.Min(EntriesInBlock, level.Count - start));
                var block = blocks[used++];
                var target = output.Buffer.Next(block);
                WriteNode(target, entries, depth, EntriesInBlock);
                WriteUInt32LittleEndian(target[TailOffset..], Crc32C.Append(output.Seed, target[..TailOffset])); // et_checksum
                above.Add(new(entries[0].Logical, block, 0));
            }
            level = above;
            depth++;
        }
        WriteNode(root, level, depth, EntriesInInode);
    }

    private static void WriteNode(Span<byte> target, List<Extent> entries, int depth, int capacity)
    {
        WriteUInt16LittleEndian(target, Magic);
        WriteUInt16LittleEndian(target[0x2..], (ushort)entries.Count);
        WriteUInt16LittleEndian(target[0x4..], (ushort)capacity);
        WriteUInt16LittleEndian(target[0x6..], (ushort)depth);
        for (var i = 0; i < entries.Count; i++)
        {
            var entry = target[(EntryBytes * (i + 1))..];
            WriteUInt32LittleEndian(entry, entries[i].Logical);
            if (depth == 0)
            {
                WriteUInt16LittleEndian(entry[0x4..], (ushort)entries[i].Count);
                WriteUInt16LittleEndian(entry[0x6..], (ushort)(entries[i].Block >> 32));
                WriteUInt32LittleEndian(entry[0x8..], (uint)entries[i].Block);
            }
            else
            {
                WriteUInt32LittleEndian(entry[0x4..], (uint)entries[i].Block);
                WriteUInt16LittleEndian(entry[0x8..], (ushort)(entries[i].Block >> 32));
            }
        }
    }
}
