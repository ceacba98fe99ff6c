using System.Text;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Pipeline.Disk.Verity;

/// <summary>The first 512 bytes of a dm-verity hash area: cryptsetup's "verity superblock", version 1.</summary>
internal sealed record VeritySuperBlock(Guid Uuid, long DataBlocks, byte[] Salt)
{
    public const int SizeBytes = 512;
    public const int MaxSaltBytes = 256;
    public const string Algorithm = "sha256";

    public void WriteTo(Span<byte> block)
    {
        block[..SizeBytes].Clear();
        "verity\0\0"u8.CopyTo(block);                                       // signature
        WriteUInt32LittleEndian(block[8..], 1);                             // version
        WriteUInt32LittleEndian(block[12..], 1);                            // hash_type: the salt comes first
        Uuid.TryWriteBytes(block[16..], bigEndian: true, out _);            // uuid
        Encoding.ASCII.GetBytes(Algorithm).CopyTo(block[32..]);             // algorithm, 32 bytes
        WriteUInt32LittleEndian(block[64..], VerityTree.BlockBytes);        // data_block_size
        WriteUInt32LittleEndian(block[68..], VerityTree.BlockBytes);        // hash_block_size
        WriteUInt64LittleEndian(block[72..], (ulong)DataBlocks);            // data_blocks
        WriteUInt16LittleEndian(block[80..], (ushort)Salt.Length);          // salt_size
        Salt.CopyTo(block[88..]);                                           // salt
    }
}
