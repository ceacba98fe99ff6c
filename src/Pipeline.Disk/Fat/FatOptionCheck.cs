using Pipeline.Core.Diagnostics;

namespace Pipeline.Disk.Fat;

/// <summary>The ranges of the numbers that a board's file can set.</summary>
public static class FatOptionCheck
{
    private const int MaxReservedSectors = 32768;

    public static void Check(FatOptions options, SourceSpan? span, DiagnosticBag bag)
    {
        Range(options.Heads, 1, 255, "heads", span, bag);
        Range(options.SectorsPerTrack, 1, 63, "sectors per track", span, bag);
        Range(options.HiddenSectors, 0, uint.MaxValue, "hidden sectors", span, bag);
        Range(options.FreeBytes, 0, long.MaxValue >> 4, "free space", span, bag);
        Range(options.LengthBytes, 1, long.MaxValue >> 4, "length", span, bag);
        // FAT32 keeps its boot sector twice, at sectors 0 and 6, each followed by the sector that counts free clusters.
        var leastReserved = options.FatBits is 12 or 16 ? 1 : BootSector.BackupSector32 + 2;
        Range(options.ReservedSectors, leastReserved, MaxReservedSectors, "reserved sectors", span, bag);
        if (options.FatBits is not (null or 12 or 16 or 32))
            bag.Add(FatRules.BadOption, span, "type", options.FatBits, "12, 16 or 32");
        if (options.SectorBytes is not (512 or 1024 or 2048 or 4096))
            bag.Add(FatRules.BadOption, span, "sector size", options.SectorBytes, "512, 1024, 2048 or 4096");
    }

    private static void Range(long? value, long least, long most, string what, SourceSpan? span, DiagnosticBag bag)
    {
        if (value < least || value > most)
            bag.Add(FatRules.BadOption, span, what, value, $"{least} to {most}");
    }
}
