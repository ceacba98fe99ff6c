using System.Text;
using Pipeline.Core.Hashing;
using Pipeline.Disk.Erofs.Placing;
using static System.Buffers.Binary.BinaryPrimitives;
using static Pipeline.Disk.Erofs.ErofsFormat;

namespace Pipeline.Disk.Erofs.Records;

/// <summary>The superblock, at byte 1024 of the first block.</summary>
internal sealed record SuperBlock(ErofsLayout Layout, Placement Placement)
{
    private const ushort Lz4Bit = 1;
    private const ushort Lz4ConfigurationBytes = 14;

    /// <param name="block">The whole first block, all zero.</param>
    public void WriteTo(Span<byte> block)
    {
        var target = block[SuperBlockOffset..];
        var options = Layout.Options;
        WriteUInt32LittleEndian(target, Magic);
        WriteUInt32LittleEndian(target[0x8..], (uint)(CompatibleFeatures.SuperBlockChecksum | CompatibleFeatures.Mtime));
        target[0xC] = BlockBits;
        WriteUInt16LittleEndian(target[0xE..], checked((ushort)Placement.NumberOf(0)));
        WriteInt64LittleEndian(target[0x10..], Layout.Nodes.Nodes.Count);
        WriteInt64LittleEndian(target[0x18..], options.Clock.Seconds);
        WriteInt32LittleEndian(target[0x20..], options.Clock.Nanoseconds);
        WriteUInt32LittleEndian(target[0x24..], (uint)Placement.BlockCount);
        WriteUInt32LittleEndian(target[0x28..], (uint)Placement.InodeBlock);
        WriteUInt32LittleEndian(target[0x2C..], (uint)Placement.XattrBlock);
        options.Uuid.TryWriteBytes(target[0x30..], bigEndian: true, out _);
        Encoding.UTF8.GetBytes(options.Label ?? "", target.Slice(0x40, MaxLabelBytes));
        var features = Incompatible();
        WriteUInt32LittleEndian(target[0x50..], (uint)features);
        if (features.HasFlag(IncompatibleFeatures.BigClusters))
            WriteLz4(target);
        WriteUInt32LittleEndian(target[0x4..], Crc32C.Append(Crc32C.Seed, target)); // up to the end of the block, itself as 0
    }

    private IncompatibleFeatures Incompatible()
    {
        var features = IncompatibleFeatures.None;
        for (var index = 0; index < Layout.Nodes.Nodes.Count; index++)
        {
            features |= Placement.ShapeOf(index).Layout switch
            {
                DataLayout.ChunkBased => IncompatibleFeatures.ChunkedFiles,
                DataLayout.CompressedFull => IncompatibleFeatures.ZeroPadding | IncompatibleFeatures.BigClusters,
                _ => IncompatibleFeatures.None,
            };
        }
        return features;
    }

    /// <summary>What is told of LZ4 (<c>z_erofs_lz4_cfgs</c>), right behind the superblock, with its length in front.</summary>
    private static void WriteLz4(Span<byte> superBlock)
    {
        WriteUInt16LittleEndian(superBlock[0x54..], Lz4Bit);        // available_compr_algs
        var target = superBlock[SuperBlockBytes..];
        WriteUInt16LittleEndian(target, Lz4ConfigurationBytes);
        WriteUInt16LittleEndian(target[0x2..], ushort.MaxValue);    // max_distance
        WriteUInt16LittleEndian(target[0x4..], MaxClusterBlocks);
    }
}
