using static System.Buffers.Binary.BinaryPrimitives;

namespace Pipeline.Disk.Ext4.Records;

/// <summary>
/// An empty journal: a version 2 superblock of jbd2 in its first block, zeroes behind it. No feature is set, as mke2fs leaves
/// it: the kernel turns on 64-bit numbers and checksums when it first mounts the file system for writing.
/// </summary>
internal static class Journal
{
    private const uint Magic = 0xC03B3998;

    /// <summary>The length that mke2fs gives a journal, in blocks; 0 for a file system below 8 MiB, which gets none.</summary>
    public static int DefaultBlocks(long blockCount) => blockCount switch
    {
        < 2048 => 0,
        < 32768 => 1024,
        < 256 * 1024 => 4096,
        < 512 * 1024 => 8192,
        < 4096 * 1024 => 16384,
        < 8192 * 1024 => 32768,
        < 16384 * 1024 => 65536,
        < 32768 * 1024 => 131072,
        _ => 262144,
    };

    /// <param name="target">The first block, all zero.</param>
    /// <param name="blockCount">The length of the journal.</param>
    /// <param name="uuid">The file system's.</param>
    public static void WriteSuperBlock(Span<byte> target, int blockCount, Guid uuid)
    {
        WriteUInt32BigEndian(target, Magic);
        WriteUInt32BigEndian(target[0x4..], 4);                          // h_blocktype: superblock, version 2
        WriteInt32BigEndian(target[0xC..], Ext4Format.BlockBytes);
        WriteInt32BigEndian(target[0x10..], blockCount);                 // s_maxlen
        WriteUInt32BigEndian(target[0x14..], 1);                         // s_first
        WriteUInt32BigEndian(target[0x18..], 1);                         // s_sequence
        uuid.TryWriteBytes(target[0x30..], bigEndian: true, out _);
        WriteUInt32BigEndian(target[0x40..], 1);                         // s_nr_users
    }
}
