using System.Collections.Immutable;
using Pipeline.Core.Blocks;
using Pipeline.Disk.Mbr;

namespace Pipeline.Disk.Gpt;

/// <summary>A partition as it will lie on the disk. Both ends are inclusive, as in the entry on disk.</summary>
/// <param name="Name">At most 36 UTF-16 units.</param>
/// <param name="Attributes">The 64 bits of UEFI 2.10 §5.3.3: 0 required, 1 no block I/O, 2 legacy bootable; 48 to 63 by type.</param>
public sealed record GptSlot(string Name, Guid TypeGuid, Guid UniqueGuid, long FirstLba, long LastLba, ulong Attributes);

/// <summary>A GUID partition table, primary and backup. LBAs are in sectors of <see cref="SectorBytes"/>.</summary>
public sealed record GptTable
{
    public const int EntryBytes = 128;
    public const int DefaultEntryCount = 128;
    public const int DefaultEntriesLba = 2;
    public const int MaxNameLength = 36;

    /// <summary>What UEFI 2.10 §5.3.1 reserves for entries at least, however few of them there are.</summary>
    public const int ReservedEntryBytes = 16384;

    public required Guid DiskGuid { get; init; }

    public required int SectorBytes { get; init; }

    public required long DiskBytes { get; init; }

    public int EntryCount { get; init; } = DefaultEntryCount;

    /// <summary>The first sector of the primary entries. The backup's lie right before the backup header, at the disk's end.</summary>
    public long EntriesLba { get; init; } = DefaultEntriesLba;

    public required long FirstUsableLba { get; init; }

    /// <summary>In the order of their numbers, without gaps.</summary>
    public required ImmutableArray<GptSlot> Slots { get; init; }

    /// <summary>At most three partitions that the MBR shows too, before its protective entry; usually none.</summary>
    public ImmutableArray<MbrPartition> Hybrid { get; init; } = [];

    public const int MaxHybrid = 3;

    public long SectorCount => DiskBytes / SectorBytes;

    public long BackupHeaderLba => SectorCount - 1;

    public long BackupEntriesLba => BackupHeaderLba - EntrySectors(EntryCount, SectorBytes);

    public long LastUsableLba => BackupEntriesLba - 1;

    /// <summary>The sectors that a number of entries fills.</summary>
    public static long EntrySectors(int entryCount, int sectorBytes) => ((long)entryCount * EntryBytes + sectorBytes - 1) / sectorBytes;

    /// <summary>
    /// The first sector for partitions where nobody says otherwise: behind the entries and behind the 16 KiB that UEFI
    /// reserves for them. So it is 34 (6 with 4096-byte sectors) also with few entries: Windows moves the entries of a
    /// disk with any other value, over whatever lies there.
    /// </summary>
    public static long DefaultFirstUsableLba(int entryCount, long entriesLba, int sectorBytes) =>
        Math.Max(entriesLba + EntrySectors(entryCount, sectorBytes), DefaultEntriesLba + ReservedEntryBytes / sectorBytes);

    /// <summary>The map of the table itself, without the partitions; in bytes of the disk.</summary>
    public IEnumerable<Region> Regions()
    {
        long entriesBytes = EntrySectors(EntryCount, SectorBytes) * SectorBytes;
        yield return new(GptWriter.ProtectiveMbrFirstByte, GptWriter.ProtectiveMbrEndByte - GptWriter.ProtectiveMbrFirstByte, Hybrid.IsEmpty ? "protective mbr" : "hybrid mbr");
        yield return new(SectorBytes, SectorBytes, "gpt header");
        yield return new(EntriesLba * SectorBytes, entriesBytes, "gpt entries");
        yield return new(BackupEntriesLba * SectorBytes, entriesBytes, "backup gpt entries");
        yield return new(BackupHeaderLba * SectorBytes, SectorBytes, "backup gpt header");
    }
}
