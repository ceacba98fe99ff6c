using Pipeline.Core.Files;
using Pipeline.Core.Hashing;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Pipeline.Disk.Ext4.Records;

[Flags]
internal enum InodeFlags : uint
{
    None = 0,

    /// <summary>The directory has a hash index (<c>EXT4_INDEX_FL</c>).</summary>
    Index = 0x1000,

    /// <summary>i_block is the root of an extent tree (<c>EXT4_EXTENTS_FL</c>).</summary>
    Extents = 0x80000,
}

/// <summary>The fixed part of an inode: 160 of its 256 bytes. i_block and the attributes behind it are filled by the caller.</summary>
internal readonly record struct Inode
{
    /// <summary>i_extra_isize: up to and with the project number.</summary>
    public const int ExtraBytes = 32;

    public const int BlockOffset = 0x28;
    public const int BlockBytes = 60;
    public const int XattrOffset = 128 + ExtraBytes;
    public const int XattrBytes = Ext4Format.InodeBytes - XattrOffset;

    private const long MinSeconds = int.MinValue;
    private const long MaxSeconds = (1L << 34) - 1 + int.MinValue;

    public ushort Mode { get; init; }

    public uint Uid { get; init; }

    public uint Gid { get; init; }

    public long SizeBytes { get; init; }

    public UnixTime Mtime { get; init; }

    public required ushort Links { get; init; }

    /// <summary>In units of 512 bytes: contents, extent tree and attribute block.</summary>
    public long Sectors { get; init; }

    public InodeFlags Flags { get; init; }

    /// <summary>i_file_acl: the attribute block, or 0.</summary>
    public long XattrBlock { get; init; }

    /// <summary>Fills what is named here and the checksum; i_block and attributes must be there already.</summary>
    /// <param name="target">256 bytes, all zero but i_block and the attributes.</param>
    /// <param name="seed">The inode's own checksum seed.</param>
    public void WriteTo(Span<byte> target, uint seed)
    {
        WriteUInt16LittleEndian(target, Mode);
        WriteUInt16LittleEndian(target[0x2..], (ushort)Uid);
        WriteUInt32LittleEndian(target[0x4..], (uint)SizeBytes);
        WriteUInt16LittleEndian(target[0x18..], (ushort)Gid);
        WriteUInt16LittleEndian(target[0x1A..], Links);
        WriteUInt32LittleEndian(target[0x1C..], (uint)Sectors);
        WriteUInt32LittleEndian(target[0x20..], (uint)Flags);
        WriteUInt32LittleEndian(target[0x68..], (uint)XattrBlock);
        WriteUInt32LittleEndian(target[0x6C..], (uint)(SizeBytes >> 32));
        WriteUInt16LittleEndian(target[0x74..], (ushort)(Sectors >> 32));
        WriteUInt16LittleEndian(target[0x76..], (ushort)(XattrBlock >> 32));
        WriteUInt16LittleEndian(target[0x78..], (ushort)(Uid >> 16));
        WriteUInt16LittleEndian(target[0x7A..], (ushort)(Gid >> 16));
        WriteUInt16LittleEndian(target[0x80..], ExtraBytes);
        WriteTimes(target);
        var checksum = Crc32C.Append(seed, target[..Ext4Format.InodeBytes]);
        WriteUInt16LittleEndian(target[0x7C..], (ushort)checksum);      // covers the inode with both halves zero
        WriteUInt16LittleEndian(target[0x82..], (ushort)(checksum >> 16));
    }

    /// <summary>All four times are the file's mtime: nothing else is known that would be the same in every build.</summary>
    private void WriteTimes(Span<byte> target)
    {
        var seconds = Math.Clamp(Mtime.Seconds, MinSeconds, MaxSeconds); // as the kernel does when it is told such a time
        var epoch = (uint)((seconds - (int)seconds) >> 32);
        var extra = ((uint)Mtime.Nanoseconds << 2) | epoch;
        foreach (var offset in (ReadOnlySpan<int>)[0x8, 0xC, 0x10, 0x90])  // atime, ctime, mtime, crtime
            WriteInt32LittleEndian(target[offset..], (int)seconds);
        foreach (var offset in (ReadOnlySpan<int>)[0x84, 0x88, 0x8C, 0x94]) // their nanoseconds and two more bits of seconds
            WriteUInt32LittleEndian(target[offset..], extra);
    }
}
