using Pipeline.Core.Files;
using Pipeline.Core.Hashing;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Pipeline.Disk.Ext4.Directories;

/// <summary>One name in a directory. <paramref name="Type"/> is ext4's file type (1 regular, 2 directory, 3 character device ...).</summary>
internal readonly record struct DirectoryEntry(FileName Name, int Inode, byte Type)
{
    public int SizeBytes => SizeOf(Name.Length);

    public static int SizeOf(int nameBytes) => (DirectoryBlock.EntryHeaderBytes + nameBytes + 3) & ~3;
}

/// <summary>
/// A block of names: entries one behind the other, the last one stretched to the tail, and a tail of 12 bytes that looks like
/// an unused entry and holds the checksum.
/// </summary>
internal static class DirectoryBlock
{
    public const int EntryHeaderBytes = 8;
    public const int TailBytes = 12;

    /// <summary>What entries may fill.</summary>
    public const int CapacityBytes = Ext4Format.BlockBytes - TailBytes;

    /// <summary>"." and "..": 12 bytes each.</summary>
    public const int DotsBytes = 24;

    public const byte DirectoryType = 2;

    private const byte TailType = 0xDE;
    private static readonly FileName Dot = FileName.Of(".");
    private static readonly FileName DotDot = FileName.Of("..");

    public static DirectoryEntry DotEntry(int inode) => new(Dot, inode, DirectoryType);

    public static DirectoryEntry DotDotEntry(int inode) => new(DotDot, inode, DirectoryType);

    /// <param name="target">One block, all zero.</param>
    /// <param name="entries">They fit; none makes one unused entry.</param>
    /// <param name="seed">The directory inode's checksum seed.</param>
    public static void Write(Span<byte> target, ReadOnlySpan<DirectoryEntry> entries, uint seed)
    {
        var offset = 0;
        for (var i = 0; i < entries.Length; i++)
        {
            var size = i + 1 < entries.Length ? entries[i].SizeBytes : CapacityBytes - offset;
            WriteEntry(target[offset..], entries[i], size);
            offset += size;
        }
        if (entries.IsEmpty)
            WriteUInt16LittleEndian(target[4..], CapacityBytes);
        WriteTail(target, seed);
    }

    public static void WriteEntry(Span<byte> target, DirectoryEntry entry, int sizeBytes)
    {
        WriteInt32LittleEndian(target, entry.Inode);
        WriteUInt16LittleEndian(target[0x4..], (ushort)sizeBytes);
        target[0x6] = (byte)entry.Name.Length;
        target[0x7] = entry.Type;
        entry.Name.Bytes.CopyTo(target[EntryHeaderBytes..]);
    }

    private static void WriteTail(Span<byte> block, uint seed)
    {
        var tail = block[CapacityBytes..];
        WriteUInt16LittleEndian(tail[0x4..], TailBytes);
        tail[0x7] = TailType;
        WriteUInt32LittleEndian(tail[0x8..], Crc32C.Append(seed, block[..CapacityBytes])); // all before the tail
    }
}
