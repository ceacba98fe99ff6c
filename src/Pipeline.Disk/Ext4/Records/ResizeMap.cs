using Pipeline.Disk.Ext4.Placing;
using static System.Buffers.Binary.BinaryPrimitives;
using static Pipeline.Disk.Ext4.Ext4Format;

namespace Pipeline.Disk.Ext4.Records;

/// <summary>
/// The block map of inode 7, which owns the reserved descriptor blocks: one double-indirect block names the reserved blocks
/// of group 0, and each of these names its twins in the groups that keep copies. The length is that of the whole tree.
/// </summary>
internal static class ResizeMap
{
    private const int PointersPerBlock = BlockBytes / 4;
    private const int DirectPointers = 12;

    /// <summary>Where i_block holds the double-indirect block.</summary>
    public const int PointerOffset = 13 * 4;

    public const long FileBytes = ((long)PointersPerBlock * PointersPerBlock + PointersPerBlock + DirectPointers) * BlockBytes;

    public static long Sectors(Geometry geometry) =>
        (1 + (long)geometry.ReservedDescriptorBlocks * geometry.GroupsWithSuperBlock().Count()) * SectorsPerBlock;

    public static void Write(Geometry geometry, long doubleIndirectBlock, BlockBuffer buffer)
    {
        var first = 1 + geometry.DescriptorBlocks;
        var target = buffer.Next(doubleIndirectBlock);
        for (var i = 0; i < geometry.ReservedDescriptorBlocks; i++)
            WriteInt32LittleEndian(target[((geometry.DescriptorBlocks + i) % PointersPerBlock * 4)..], first + i);
        var copies = geometry.GroupsWithSuperBlock().Skip(1).Select(Geometry.FirstBlock).ToArray();
        for (var i = 0; i < geometry.ReservedDescriptorBlocks; i++)
        {
            target = buffer.Next(first + i);
            for (var j = 0; j < copies.Length; j++)
                WriteUInt32LittleEndian(target[(4 * j)..], (uint)(copies[j] + first + i));
        }
    }
}
