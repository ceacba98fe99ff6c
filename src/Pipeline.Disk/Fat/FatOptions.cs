using System.Collections.Immutable;
using Pipeline.Core.Files;

namespace Pipeline.Disk.Fat;

/// <summary>What a FAT file system shall be, apart from its content.</summary>
public sealed record FatOptions
{
    /// <summary>The serial number; shown as XXXX-XXXX.</summary>
    public required uint VolumeId { get; init; }

    /// <summary>At most 11 characters, see <see cref="FatLabel"/>; null or empty is none.</summary>
    public string? Label { get; init; }

    /// <summary>12, 16 or 32; null chooses by size as mkfs.fat does.</summary>
    public int? FatBits { get; init; }

    /// <summary>Heads of the geometry, 1 to 255; null is derived from the size.</summary>
    public int? Heads { get; init; }

    /// <summary>Sectors per track of the geometry, 1 to 63; null is 32.</summary>
    public int? SectorsPerTrack { get; init; }

    /// <summary>512, 1024, 2048 or 4096; not less than the sectors of the disk.</summary>
    public int SectorBytes { get; init; } = 512;

    /// <summary>Sectors of the disk before the file system: where its partition begins.</summary>
    public long HiddenSectors { get; init; }

    /// <summary>The length of the file system; null is content and <see cref="FreeBytes"/>, rounded up.</summary>
    public long? LengthBytes { get; init; }

    /// <summary>Free space of an automatically sized file system; without meaning for a fixed one.</summary>
    public long FreeBytes { get; init; }

    /// <summary>The time of the volume label.</summary>
    public UnixTime Clock { get; init; }

    /// <summary>Names in the root directory, in any case: they come first there and in the data area, in this order.</summary>
    public ImmutableArray<string> FirstFiles { get; init; } = [];

    /// <summary>Sectors before the first FAT; null is 1 (FAT32: 32) and what aligns the data area to its clusters.</summary>
    public int? ReservedSectors { get; init; }
}
