using Pipeline.Core.Hashing;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Pipeline.Disk.Ext4.Records;

[Flags]
internal enum GroupFlags : ushort
{
    None = 0,

    /// <summary>No inode of the group is in use; its bitmap is not read.</summary>
    InodeUninit = 1,

    /// <summary>Nothing but the group's own head is in use; its block bitmap is not read.</summary>
    BlockUninit = 2,

    /// <summary>What the inode table does not use reads as zeroes.</summary>
    InodeZeroed = 4,
}

/// <summary>One group's entry in the descriptor table: 64 bytes.</summary>
internal sealed record GroupDescriptor(long BlockBitmap, long InodeBitmap, long InodeTable)
{
    public const int SizeBytes = Ext4Format.DescriptorBytes;

    public required int FreeBlocks { get; init; }

    public required int FreeInodes { get; init; }

    public required int Directories { get; init; }

    /// <summary>Inodes at the end of the table that were never used.</summary>
    public required int UnusedInodes { get; init; }

    public required GroupFlags Flags { get; init; }

    public required uint BlockBitmapChecksum { get; init; }

    public required uint InodeBitmapChecksum { get; init; }

    /// <param name="target">64 bytes, all zero.</param>
    /// <param name="group">The number of the group.</param>
    /// <param name="seed">The file system's checksum seed.</param>
    public void WriteTo(Span<byte> target, int group, uint seed)
    {
        WriteUInt32LittleEndian(target, (uint)BlockBitmap);
        WriteUInt32LittleEndian(target[0x4..], (uint)InodeBitmap);
        WriteUInt32LittleEndian(target[0x8..], (uint)InodeTable);
        WriteUInt16LittleEndian(target[0xC..], (ushort)FreeBlocks);
        WriteUInt16LittleEndian(target[0xE..], (ushort)FreeInodes);
        WriteUInt16LittleEndian(target[0x10..], (ushort)Directories);
        WriteUInt16LittleEndian(target[0x12..], (ushort)Flags);
        WriteUInt16LittleEndian(target[0x18..], (ushort)BlockBitmapChecksum);
        WriteUInt16LittleEndian(target[0x1A..], (ushort)InodeBitmapChecksum);
        WriteUInt16LittleEndian(target[0x1C..], (ushort)UnusedInodes);
        WriteUInt16LittleEndian(target[0x38..], (ushort)(BlockBitmapChecksum >> 16));
        WriteUInt16LittleEndian(target[0x3A..], (ushort)(InodeBitmapChecksum >> 16));
        Span<byte> number = stackalloc byte[4];
        WriteInt32LittleEndian(number, group);
        var checksum = Crc32C.Append(Crc32C.Append(seed, number), target[..SizeBytes]);
        WriteUInt16LittleEndian(target[0x1E..], (ushort)checksum);      // bg_checksum: the group's number and all 64 bytes
    }
}
