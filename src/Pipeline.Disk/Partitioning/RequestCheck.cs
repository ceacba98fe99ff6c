using Pipeline.Core.Diagnostics;
using Pipeline.Disk.Gpt;
using Pipeline.Disk.Mbr;

namespace Pipeline.Disk.Partitioning;

/// <summary>What is wrong with a request before anything is placed.</summary>
internal static class RequestCheck
{
    private const int LeastEntries = 4;
    private const int MostEntries = 1024;
    private const int MostBlobs = 256;

    /// <summary>An exbibyte: sums of a few such numbers cannot overflow.</summary>
    private const long MostBytes = 1L << 60;

    /// <summary>A size in the largest unit in which it is whole: nothing is rounded, because it stands beside its limit.</summary>
    public static string Size(long bytes)
    {
        ReadOnlySpan<string> units = ["bytes", "KiB", "MiB", "GiB", "TiB"];
        var unit = 0;
        while (unit < units.Length - 1 && bytes > 0 && bytes % 1024 == 0)
            (bytes, unit) = (bytes / 1024, unit + 1);
        return $"{bytes} {units[unit]}";
    }

    /// <summary>Numbers that no arithmetic can be done with. False where there are any.</summary>
    public static bool Numbers(PlacementRequest request, DiagnosticBag bag)
    {
        if (request.SectorBytes is not (512 or 4096))
            bag.Add(PlacementRules.BadNumber, request.Span, "the sector size", request.SectorBytes, "512 or 4096");
        else if (request.AlignmentBytes <= 0 || request.AlignmentBytes % request.SectorBytes != 0 || request.AlignmentBytes > MostBytes)
            bag.Add(PlacementRules.BadNumber, request.Span, "the alignment", request.AlignmentBytes, $"a multiple of {request.SectorBytes}");
        else if (request.DiskBytes is { } disk && (disk <= 0 || disk % request.SectorBytes != 0 || disk > MostBytes))
            bag.Add(PlacementRules.BadNumber, request.Span, "the size of the disk", disk, $"a multiple of {request.SectorBytes}");
        if (request.Table == TableKind.Gpt && request.EntryCount is < LeastEntries or > MostEntries)
            bag.Add(PlacementRules.EntryCount, request.Span, request.EntryCount, LeastEntries, MostEntries);
        if (request.Table == TableKind.Gpt && request.EntriesLba is < GptTable.DefaultEntriesLba or > MostBytes >> 12)
            bag.Add(PlacementRules.EntriesLba, request.Span, request.EntriesLba);
        if (request.FirstUsableLba is < 1 or > MostBytes >> 12)
            bag.Add(PlacementRules.BadNumber, request.Span, "the first usable sector", request.FirstUsableLba, "1 or more");
        if (request.Partitions.Length > MostEntries)
            bag.Add(PlacementRules.TooManyParts, request.Span, request.Partitions.Length, "partitions", MostEntries);
        if (request.Blobs.Length > MostBlobs)
            bag.Add(PlacementRules.TooManyParts, request.Span, request.Blobs.Length, "blobs", MostBlobs);
        foreach (var partition in request.Partitions)
        {
            Number(partition.OffsetBytes, 0, $"the offset of partition '{partition.Name}'", partition.Span, bag);
            Number(partition.LengthBytes, 1, $"the size of partition '{partition.Name}'", partition.Span, bag);
            Number(partition.MaximumBytes, 1, $"the most size of partition '{partition.Name}'", partition.Span, bag);
            Number(partition.MinimumBytes, 0, $"the least size of partition '{partition.Name}'", partition.Span, bag);
        }
        foreach (var blob in request.Blobs)
        {
            Number(blob.OffsetBytes, 0, $"the offset of blob '{blob.Name}'", blob.Span, bag);
            Number(blob.LengthBytes, 0, $"the length of blob '{blob.Name}'", blob.Span, bag);
        }
        return !bag.HasErrors;
    }

    /// <summary>What the table cannot hold, wherever it lies.</summary>
    public static void Table(PlacementRequest request, DiagnosticBag bag)
    {
        var count = request.Partitions.Length;
        if (request.Table == TableKind.Mbr)
        {
            if (count > MbrTable.MaxPartitions)
                bag.Add(PlacementRules.TooManyForMbr, request.Partitions[MbrTable.MaxPartitions].Span, MbrTable.MaxPartitions, count);
        }
        else
        {
            GptTableMistakes(request, bag);
        }
        foreach (var partition in request.Partitions)
        {
            if (partition.OffsetBytes is { } offset && offset % request.SectorBytes != 0)
                bag.Add(PlacementRules.OffsetNotOnSector, partition.Span, partition.Name, offset, request.SectorBytes, DiskPlacement.RoundUp(offset, request.SectorBytes));
            if (partition.MaximumBytes < partition.MinimumBytes)
                bag.Add(PlacementRules.MaximumTooSmall, partition.Span, partition.Name, Size(partition.MaximumBytes.Value), Size(partition.MinimumBytes));
            if (partition.LengthBytes is { } length && length < partition.MinimumBytes)
                bag.Add(PlacementRules.FixedTooSmall, partition.Span, partition.Name, Size(length), Size(partition.MinimumBytes));
        }
    }

    private static void GptTableMistakes(PlacementRequest request, DiagnosticBag bag)
    {
        var count = request.Partitions.Length;
        if (count > request.EntryCount)
            bag.Add(PlacementRules.TooManyForGpt, request.Partitions[request.EntryCount].Span, request.EntryCount, count, DiskPlacement.RoundUp(count, 4));
        var entriesEnd = request.EntriesLba + GptTable.EntrySectors(request.EntryCount, request.SectorBytes);
        if (request.FirstUsableLba < entriesEnd)
            bag.Add(PlacementRules.FirstUsableInsideTable, request.Span, request.FirstUsableLba, request.EntryCount, entriesEnd);
        foreach (var partition in request.Partitions.Where(p => (p.Label ?? p.Name).Length > GptTable.MaxNameLength))
            bag.Add(PlacementRules.NameTooLong, partition.Span, partition.Label ?? partition.Name, (partition.Label ?? partition.Name).Length);
    }

    private static void Number(long? value, long least, string what, SourceSpan? span, DiagnosticBag bag)
    {
        if (value < least || value > MostBytes)
            bag.Add(PlacementRules.BadNumber, span, what, value, $"{least} to {MostBytes}");
    }
}
