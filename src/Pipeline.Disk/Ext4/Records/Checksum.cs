using System.Buffers.Binary;
using Pipeline.Core.Hashing;

namespace Pipeline.Disk.Ext4.Records;

/// <summary>The CRC-32C chains of metadata_csum: each starts from the file system's UUID, most go on with who owns the block.</summary>
internal static class Checksum
{
    /// <summary>The start of all chains of one file system.</summary>
    public static uint SeedOf(Guid uuid)
    {
        Span<byte> bytes = stackalloc byte[16];
        uuid.TryWriteBytes(bytes, bigEndian: true, out _);
        return Crc32C.Append(Crc32C.Seed, bytes);
    }

    /// <summary>The start for one inode and for all blocks that only it uses. Generations are always 0 here.</summary>
    public static uint SeedOf(uint fileSystemSeed, int inode)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, inode);
        return Crc32C.Append(fileSystemSeed, bytes);
    }
}
