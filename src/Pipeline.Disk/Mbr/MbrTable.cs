using System.Collections.Immutable;
using Pipeline.Core.Blocks;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Pipeline.Disk.Mbr;

/// <summary>One primary partition. <paramref name="FirstLba"/> and <paramref name="SectorCount"/> are in sectors of the disk, at most 32 bits each.</summary>
public sealed record MbrPartition(byte Type, bool Active, long FirstLba, long SectorCount);

/// <summary>A partition table of the master boot record: up to four primary partitions, no extended ones.</summary>
public sealed record MbrTable
{
    public const int MaxPartitions = 4;

    /// <summary>The disk's identifier, of which PARTUUIDs are made.</summary>
    public required uint Signature { get; init; }

    public required ImmutableArray<MbrPartition> Partitions { get; init; }

    /// <summary>Heads of the geometry, 1 to 255, for the old addresses by cylinder, head and sector.</summary>
    public int Heads { get; init; } = 255;

    /// <summary>Sectors per track of the geometry, 1 to 63.</summary>
    public int SectorsPerTrack { get; init; } = 63;
}

/// <summary>One 16-byte entry of the table; UEFI 2.10 §5.2.1.</summary>
internal readonly record struct MbrEntry(MbrPartition Partition, int Heads, int SectorsPerTrack)
{
    public const int SizeBytes = 16;
    private const int MaxCylinder = 1023;

    public void WriteTo(Span<byte> entry)
    {
        entry[0] = Partition.Active ? (byte)0x80 : (byte)0;                                     // BootIndicator
        WriteAddress(entry[1..], Partition.FirstLba);                                           // StartingCHS
        entry[4] = Partition.Type;                                                              // OSType
        WriteAddress(entry[5..], Partition.FirstLba + Partition.SectorCount - 1);               // EndingCHS
        WriteUInt32LittleEndian(entry[8..], checked((uint)Partition.FirstLba));                 // StartingLBA
        WriteUInt32LittleEndian(entry[12..], checked((uint)Partition.SectorCount));             // SizeInLBA
    }

    /// <summary>Cylinder, head, sector in three bytes; FE FF FF where the cylinder has more than ten bits.</summary>
    private void WriteAddress(Span<byte> place, long lba)
    {
        var cylinder = lba / SectorsPerTrack / Heads;
        var (head, sector) = ((byte)(lba / SectorsPerTrack % Heads), (byte)(lba % SectorsPerTrack + 1));
        if (cylinder > MaxCylinder)
            (cylinder, head, sector) = (MaxCylinder, 254, 63);
        place[0] = head;
        place[1] = (byte)(sector | (int)cylinder >> 8 << 6);
        place[2] = (byte)cylinder;
    }
}
