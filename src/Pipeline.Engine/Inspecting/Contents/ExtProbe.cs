using Pipeline.Core.Hashing;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Pipeline.Engine.Inspecting.Contents;

/// <summary>ext2, ext3 and ext4 by their superblock; Linux, <c>struct ext4_super_block</c>.</summary>
internal static class ExtProbe
{
    private const int SuperBlockBytes = 1024;
    private const int MaxLogBlock = 6;
    private const uint HasJournal = 0x4;
    private const uint Extents = 0x40;
    private const uint Bits64 = 0x80;
    private const uint MetadataChecksum = 0x400;

    public static FileSystemMap? Probe(ProbeWindow window)
    {
        if (window.Read(1024, SuperBlockBytes) is not { } block || ReadUInt16LittleEndian(block.AsSpan(56)) != 0xEF53)
            return null;
        var logBlock = ReadUInt32LittleEndian(block.AsSpan(24));
        if (logBlock > MaxLogBlock)
            return null;
        var (compatible, incompatible, readOnly) =
            (ReadUInt32LittleEndian(block.AsSpan(92)), ReadUInt32LittleEndian(block.AsSpan(96)), ReadUInt32LittleEndian(block.AsSpan(100)));
        var kind = (incompatible & (Extents | Bits64)) != 0 || (readOnly & MetadataChecksum) != 0 ? "ext4"
            : (compatible & HasJournal) != 0 ? "ext3" : "ext2";
        if ((readOnly & MetadataChecksum) != 0 && Crc32C.Append(Crc32C.Seed, block.AsSpan(0, 1020)) != ReadUInt32LittleEndian(block.AsSpan(1020)))
            window.Damaged(kind, "the checksum of its superblock is wrong");
        var total = Count(block, 4, 0x150, incompatible);
        var free = Count(block, 12, 0x158, incompatible);
        var shift = 10 + (int)logBlock;
        // Numbers that no disk can have are damage, not sizes.
        var isSane = total >= 0 && total <= long.MaxValue >> shift && free >= 0 && free <= total;
        if (!isSane)
            window.Damaged(kind, $"it counts {total} blocks, {free} of them free");
        return new(kind, ProbeWindow.Text(block.AsSpan(120, 16)), ProbeWindow.Uuid(block.AsSpan(104, 16)),
            isSane ? total << shift : null, isSane ? (total - free) << shift : null);
    }

    private static long Count(byte[] block, int low, int high, uint incompatible) =>
        ReadUInt32LittleEndian(block.AsSpan(low)) | ((incompatible & Bits64) != 0 ? (long)ReadUInt32LittleEndian(block.AsSpan(high)) << 32 : 0);
}
