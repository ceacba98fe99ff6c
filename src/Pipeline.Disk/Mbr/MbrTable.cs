using System.Collections.Immutable;
using Pipeline.Core.Blocks;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Pipeline.Disk.Mbr;

/// <summary>One partition. <paramref name="FirstLba"/> and <paramref name="SectorCount"/> are in sectors of the disk, at most 32 bits each.</summary>
public sealed record MbrPartition(byte Type, bool Active, long FirstLba, long SectorCount)
{
    /// <summary>The sector of the extended boot record that names a logical partition; null for a primary one.</summary>
    public long? BootRecordLba { get; init; }
}

/// <summary>
/// A partition table of the master boot record: up to four primary partitions, or three and an extended one with logical
/// ones in it.
/// </summary>
public sealed record MbrTable
{
    public const int MaxPrimary = 4;

    /// <summary>Three primary and 56 logical ones: the last has the number 60, beyond which tools read no further.</summary>
    public const int MaxPartitions = 59;

    /// <summary>The type of an extended partition that is addressed by sectors.</summary>
    public const byte ExtendedType = 0x0F;

    /// <summary>512 or 4096; the table lies in the first 512 bytes of its sector in both cases.</summary>
    public int SectorBytes { get; init; } = 512;

    /// <summary>The disk's identifier, of which PARTUUIDs are made.</summary>
    public required uint Signature { get; init; }

    /// <summary>In the order of their numbers: primary ones, then logical ones in the order of their places.</summary>
    public required ImmutableArray<MbrPartition> Partitions { get; init; }

    public IEnumerable<MbrPartition> Primary => Partitions.Where(p => p.BootRecordLba is null);

    public IEnumerable<MbrPartition> Logical => Partitions.Where(p => p.BootRecordLba is not null);

    /// <summary>From the first boot record to the end of the last logical partition; null without logical ones.</summary>
    public MbrPartition? Extended => Logical.FirstOrDefault() is { BootRecordLba: { } first } && Logical.Last() is var last
        ? new(ExtendedType, false, first, last.FirstLba + last.SectorCount - first)
        : null;

    public const int DefaultHeads = 255;
    public const int DefaultSectorsPerTrack = 63;

    /// <summary>Heads of the geometry, 1 to 255, for the old addresses by cylinder, head and sector.</summary>
    public int Heads { get; init; } = DefaultHeads;

    /// <summary>Sectors per track of the geometry, 1 to 63.</summary>
    public int SectorsPerTrack { get; init; } = DefaultSectorsPerTrack;

    /// <summary>True for all from the fourth on where there are more than four: an extended partition takes the fourth place.</summary>
    public static bool IsLogical(int index, int count) => count > MaxPrimary && index >= MaxPrimary - 1;

    /// <summary>The number that systems give a partition: logical ones count from 5.</summary>
    public static int NumberOf(int index, int count) => IsLogical(index, count) ? index + 2 : index + 1;
}

/// <summary>One 16-byte entry of the table; UEFI 2.10 §5.2.1.</summary>
internal readonly record struct MbrEntry(MbrPartition Partition, int Heads, int SectorsPerTrack)
{
    public const int SizeBytes = 16;
    private const int MaxCylinder = 1023;

    /// <summary>What StartingLBA counts from: 0, but in a boot record of logical partitions a sector of the disk.</summary>
    public long BaseLba { get; init; }

    public void WriteTo(Span<byte> entry)
    {
        entry[0] = Partition.Active ? (byte)0x80 : (byte)0;                                     // BootIndicator
        WriteAddress(entry[1..], Partition.FirstLba);                                           // StartingCHS
        entry[4] = Partition.Type;                                                              // OSType
        WriteAddress(entry[5..], Partition.FirstLba + Partition.SectorCount - 1);               // EndingCHS
        WriteUInt32LittleEndian(entry[8..], checked((uint)(Partition.FirstLba - BaseLba)));     // StartingLBA
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
