namespace Pipeline.Disk.Ext4;

/// <summary>The sizes this writer always uses, and the numbers the format gives to its own inodes.</summary>
internal static class Ext4Format
{
    public const int BlockBytes = 4096;
    public const int SectorsPerBlock = BlockBytes / 512;

    /// <summary>As many as one bitmap block has bits.</summary>
    public const int BlocksPerGroup = 8 * BlockBytes;

    public const int MaxInodesPerGroup = 8 * BlockBytes;
    public const int GroupsPerFlex = 16;
    public const int InodeBytes = 256;
    public const int InodesPerBlock = BlockBytes / InodeBytes;
    public const int DescriptorBytes = 64;
    public const int DescriptorsPerBlock = BlockBytes / DescriptorBytes;

    public const int RootInode = 2;
    public const int ResizeInode = 7;
    public const int JournalInode = 8;

    /// <summary>The first inode that is not reserved (<c>s_first_ino</c>).</summary>
    public const int FirstInode = 11;

    /// <summary>Links that one inode can count (<c>EXT4_LINK_MAX</c>).</summary>
    public const int MaxLinks = 65000;

    /// <summary>A longer target is kept in a block, not in the inode.</summary>
    public const int MaxFastSymlinkBytes = 59;

    /// <summary>Logical block numbers have 32 bits, and the last one is not used.</summary>
    public const long MaxFileBytes = (long)(uint.MaxValue - 1) * BlockBytes;

    /// <summary>Block numbers are kept below 2³², where reserved descriptor blocks still allow growing.</summary>
    public const long MaxLengthBytes = (long)uint.MaxValue * BlockBytes;

    public static long BlocksFor(long bytes) => (bytes + BlockBytes - 1) / BlockBytes;
}
