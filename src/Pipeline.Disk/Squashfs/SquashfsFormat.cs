namespace Pipeline.Disk.Squashfs;

/// <summary>The numbers of squashfs 4.0.</summary>
internal static class SquashfsFormat
{
    public const uint Magic = 0x7371_7368;

    public const int SuperBlockBytes = 96;

    /// <summary>A metadata block before it is packed; its header of two bytes is not counted.</summary>
    public const int MetadataBytes = 8192;

    /// <summary>In the header of a metadata block: it is stored as it is.</summary>
    public const ushort MetadataStored = 0x8000;

    /// <summary>In the size of a data block or fragment block: it is stored as it is.</summary>
    public const uint BlockStored = 1 << 24;

    public const uint NoFragment = uint.MaxValue;
    public const uint NoXattrs = uint.MaxValue;
    public const ulong NoTable = ulong.MaxValue;

    public const int LeastBlockBytes = 4 << 10;
    public const int MostBlockBytes = 1 << 20;

    /// <summary>Block devices are read in pages: the length is rounded up to this.</summary>
    public const int PaddingBytes = 4096;

    /// <summary>Numbers of owners and groups have 16 bits, and so has their count.</summary>
    public const int MaxIds = ushort.MaxValue;

    /// <summary>As Linux hands them out: <c>XATTR_NAME_MAX</c>, <c>XATTR_SIZE_MAX</c>.</summary>
    public const int MaxXattrNameBytes = 255;
    public const int MaxXattrValueBytes = 1 << 16;

    /// <summary>Blocks of one file, and of all files together: each is four bytes of the inode table, holes too.</summary>
    public const long MaxBlocks = 1 << 27;
}
