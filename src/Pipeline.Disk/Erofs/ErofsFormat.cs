namespace Pipeline.Disk.Erofs;

/// <summary>The numbers of erofs, by the names of the kernel's <c>erofs_fs.h</c>.</summary>
internal static class ErofsFormat
{
    public const uint Magic = 0xE0F5_E1E2;

    public const int SuperBlockOffset = 1024;
    public const int SuperBlockBytes = 128;

    public const int BlockBits = 12;
    public const int BlockBytes = 1 << BlockBits;

    /// <summary>Inodes begin at multiples of this; their number (nid) is the multiple.</summary>
    public const int SlotBytes = 32;

    public const int CompactInodeBytes = 32;
    public const int ExtendedInodeBytes = 64;

    public const int DirectoryEntryBytes = 12;

    /// <summary>In place of a block's number: a hole, or no block at all (<c>EROFS_NULL_ADDR</c>).</summary>
    public const uint NoBlock = uint.MaxValue;

    /// <summary>Block numbers have 32 bits, and the last of them says that there is no block.</summary>
    public const long MaxBlocks = uint.MaxValue - 1;

    public const int MaxLabelBytes = 16;

    /// <summary>What is packed together is at most so long: a reader unpacks all of it.</summary>
    public const int MaxClusterBlocks = 16;

    /// <summary>A chunk has 2 to this power blocks at most (<c>EROFS_CHUNK_FORMAT_BLKBITS_MASK</c>).</summary>
    public const int MaxChunkBits = 31;

    public static long BlocksFor(long bytes) => bytes / BlockBytes + (bytes % BlockBytes == 0 ? 0 : 1);

    public static long AlignToBlock(long bytes) => BlocksFor(bytes) * BlockBytes;
}

/// <summary>How the bytes of an inode are kept, as its <c>i_format</c> says.</summary>
internal enum DataLayout : byte
{
    /// <summary>Whole blocks side by side.</summary>
    FlatPlain = 0,

    /// <summary>Packed clusters and an index of 8 bytes a block.</summary>
    CompressedFull = 1,

    /// <summary>Whole blocks side by side, and the rest behind the inode.</summary>
    FlatInline = 2,

    /// <summary>Chunks with a block number each; a chunk may be a hole.</summary>
    ChunkBased = 4,
}

/// <summary>What a reader should know (compat) and must know (incompat).</summary>
[Flags]
internal enum CompatibleFeatures : uint
{
    SuperBlockChecksum = 0x1,

    /// <summary>Times are those of the last change of contents.</summary>
    Mtime = 0x2,
}

/// <summary>A kernel that does not know one of these refuses to mount.</summary>
[Flags]
internal enum IncompatibleFeatures : uint
{
    None = 0,

    /// <summary>Packed clusters end with their block and begin with zeroes. Linux 5.3.</summary>
    ZeroPadding = 0x1,

    /// <summary>Clusters of several blocks, and what is told of each compression. Linux 5.13.</summary>
    BigClusters = 0x2,

    /// <summary>Linux 5.15.</summary>
    ChunkedFiles = 0x4,
}
