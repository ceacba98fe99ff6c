namespace Pipeline.Disk.Iso;

/// <summary>The numbers of ISO 9660 (ECMA-119), Joliet, and of the places where this writer puts things.</summary>
internal static class IsoFormat
{
    /// <summary>Logical blocks are 2048 bytes: every other size has readers that do not know it.</summary>
    public const int BlockBytes = 2048;

    /// <summary>What comes before the first volume descriptor: boot code and partition tables.</summary>
    public const int SystemAreaBlocks = 16;

    public const int SystemAreaBytes = SystemAreaBlocks * BlockBytes;

    /// <summary>Where the partition that shows the ISO begins. Its own descriptors lie 16 blocks behind that.</summary>
    public const int PartitionBlock = 16;

    public const int SectorBytes = 512;
    public const int SectorsPerBlock = BlockBytes / SectorBytes;

    /// <summary>ECMA-119 §7.5: name and extension together, without the dot and the version.</summary>
    public const int MaxIdentifier = 30;

    /// <summary>Joliet: characters of UCS-2, the version not counted.</summary>
    public const int MaxJolietName = 64;

    public const int MaxNameBytes = 255;
    public const int MaxTargetBytes = 4095;

    /// <summary>ECMA-119 §7.4.3: a field of 32 characters.</summary>
    public const int MaxVolumeId = 32;

    /// <summary>The longest run of blocks that one directory record can name.</summary>
    public const long MaxSectionBytes = (4L << 30) - BlockBytes;

    /// <summary>Linux reads no further.</summary>
    public const int MaxSections = 100;

    /// <summary>The number of a parent in a path table has 16 bits.</summary>
    public const int MaxDirectories = 65535;

    /// <summary>Block numbers have 32 bits, and readers take them for signed ones.</summary>
    public const long MaxBlocks = int.MaxValue;

    public const int MaxBootImageBytes = 4 << 20;

    /// <summary>
    /// Zeroes behind the contents, as every maker of ISOs leaves them: drives read ahead over the end of a disc, and
    /// <c>checkisomd5</c> leaves the last 15 blocks out.
    /// </summary>
    public const int PaddingBlocks = 150;

    /// <summary>Partitions begin at whole mebibytes.</summary>
    public const int PartitionAlignmentBlocks = (1 << 20) / BlockBytes;

    public static long BlocksOf(long lengthBytes) => (lengthBytes + BlockBytes - 1) / BlockBytes;

    public static long AlignUp(long value, long step) => (value + step - 1) / step * step;
}
