using System.Collections.Immutable;
using Pipeline.Core.Blocks;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Units;
using Pipeline.Disk.Gpt;
using Pipeline.Disk.Mbr;

namespace Pipeline.Disk.Partitioning;

/// <summary>What is wrong with partitions and blobs once all have their places.</summary>
internal static class PlacementCheck
{
    public static void Check(PlacementRequest request, ImmutableArray<PlacedPartition?> placed, long diskBytes, DiagnosticBag bag)
    {
        for (var i = 0; i < placed.Length; i++)
        {
            if (placed[i] is { } partition)
                CheckPartition(request, partition.Region, request.Partitions[i].Span, diskBytes, bag);
        }
        PartitionsOverlap(request, placed, bag);
        for (var i = 0; i < placed.Length; i++)
            CheckBootRecord(request, placed, i, bag);
        foreach (var hybrid in request.Hybrid)
        {
            if (placed[hybrid] is { } partition && (partition.Region.EndBytes - 1) / request.SectorBytes is var lastLba and > uint.MaxValue)
                bag.Add(PlacementRules.BeyondHybrid, request.Partitions[hybrid].Span, partition.Name, lastLba);
        }
        for (var i = 0; i < request.Blobs.Length; i++)
        {
            CheckBlobOverTable(request, request.Blobs[i], diskBytes, bag);
            CheckBlobOverPartitions(request.Blobs[i], placed, bag);
            for (var j = 0; j < i; j++)
                CheckBlobs(request.Blobs[j], request.Blobs[i], bag);
            var end = request.Blobs[i].OffsetBytes + request.Blobs[i].LengthBytes;
            if (end > diskBytes)
                bag.Add(PlacementRules.BlobBeyondDisk, request.Blobs[i].Span, request.Blobs[i].Name, end, diskBytes);
        }
    }

    private static void CheckPartition(PlacementRequest request, Region partition, SourceSpan? span, long diskBytes, DiagnosticBag bag)
    {
        var first = DiskPlacement.FirstUsableLba(request);
        var firstByte = first * request.SectorBytes;
        if (partition.OffsetBytes < firstByte && request.Table == TableKind.Mbr)
            bag.Add(PlacementRules.BeforeMbrSpace, span, partition.Name, partition.OffsetBytes, firstByte);
        else if (partition.OffsetBytes < firstByte)
            bag.Add(PlacementRules.BeforeFirstUsable, span, partition.Name, partition.OffsetBytes, first, firstByte);
        var usableEnd = DiskPlacement.UsableEnd(request, diskBytes);
        if (partition.EndBytes > usableEnd)
        {
            var needed = DiskPlacement.DiskBytesFor(request, partition.EndBytes);
            bag.Add(PlacementRules.PartitionBeyondDisk, span, partition.Name, partition.EndBytes, usableEnd, RequestCheck.Size(diskBytes), RequestCheck.Size(needed));
        }
        var lastLba = (partition.EndBytes - 1) / request.SectorBytes;
        if (request.Table == TableKind.Mbr && lastLba > uint.MaxValue)
            bag.Add(PlacementRules.BeyondMbr, span, partition.Name, lastLba, new ByteSize((1L << 32) * request.SectorBytes));
    }

    private static void PartitionsOverlap(PlacementRequest request, ImmutableArray<PlacedPartition?> placed, DiagnosticBag bag)
    {
        for (var i = 0; i < placed.Length; i++)
        {
            for (var j = 0; j < i; j++)
            {
                if (placed[i]?.Region is { } one && placed[j]?.Region is { } other && one.Overlaps(other))
                    Both(PlacementRules.PartitionsOverlap, request.Partitions[i].Span, other, one, bag);
            }
        }
    }

    /// <summary>A logical partition lies behind all before it, and so does its boot record; no blob lies over that.</summary>
    private static void CheckBootRecord(PlacementRequest request, ImmutableArray<PlacedPartition?> placed, int index, DiagnosticBag bag)
    {
        if (placed[index] is not { BootRecordBytes: { } recordBytes } own)
            return;
        var span = request.Partitions[index].Span;
        var record = new Region(recordBytes, request.SectorBytes, "");
        foreach (var other in placed[..index])
        {
            // One that is placed by itself only follows the one that was put wrong.
            if (other is not null && request.Partitions[index].OffsetBytes is not null && own.OffsetBytes < other.OffsetBytes && !own.Region.Overlaps(other.Region))
            {
                bag.Add(PlacementRules.LogicalOrder, span, own.Name, own.OffsetBytes, other.Name, other.OffsetBytes);
                return;
            }
        }
        IEnumerable<Region> others = [.. placed[..index].OfType<PlacedPartition>().Select(p => p.Region), .. request.Blobs.SelectMany(b => b.Pieces())];
        foreach (var other in others.Where(o => o.Overlaps(record) && !o.Overlaps(own.Region)).Take(1))
            bag.Add(PlacementRules.NoBootRecord, span, own.Name, recordBytes, other.Name, other.EndBytes, other.EndBytes + request.SectorBytes);
    }

    private static void CheckBlobs(BlobRequest one, BlobRequest other, DiagnosticBag bag)
    {
        foreach (var piece in one.Pieces())
        {
            if (other.Pieces().FirstOrDefault(p => p.Overlaps(piece)) is { LengthBytes: > 0 } hit)
            {
                Both(PlacementRules.BlobsOverlap, other.Span, piece, hit, bag);
                return;
            }
        }
    }

    private static void CheckBlobOverPartitions(BlobRequest blob, ImmutableArray<PlacedPartition?> placed, DiagnosticBag bag)
    {
        foreach (var partition in placed)
        {
            if (partition?.Region is not { } region || blob.Pieces().FirstOrDefault(p => p.Overlaps(region)) is not { LengthBytes: > 0 } piece)
                continue;
            if (!blob.MayLieInPartition)
                Both(PlacementRules.BlobOverPartition, blob.Span, piece, region, bag);
            else if (blob.Pieces().Any(p => p.OffsetBytes < region.OffsetBytes || p.EndBytes > region.EndBytes))
                Both(PlacementRules.BlobAcrossEdge, blob.Span, piece, region, bag);
        }
    }

    private static void Both(Rule rule, SourceSpan? span, Region one, Region other, DiagnosticBag bag) =>
        bag.Add(rule, span, one.Name, one.OffsetBytes, one.EndBytes, other.Name, other.OffsetBytes, other.EndBytes);

    private static void CheckBlobOverTable(PlacementRequest request, BlobRequest blob, long diskBytes, DiagnosticBag bag)
    {
        var pieces = blob.Pieces().ToList();
        Region? Hit(long first, long length) =>
            pieces.FirstOrDefault(p => p.Overlaps(new(first, length, ""))) is { LengthBytes: > 0 } piece ? piece : null;

        if (Hit(MbrWriter.FirstByte, MbrWriter.EndByte - MbrWriter.FirstByte) is { } overMbr)
            bag.Add(PlacementRules.BlobOverMbr, blob.Span, blob.Name, overMbr.OffsetBytes, overMbr.EndBytes);
        if (request.Table == TableKind.Mbr)
            return;
        long sector = request.SectorBytes;
        var entries = request.EntriesLba * sector;
        var entriesBytes = GptTable.EntrySectors(request.EntryCount, request.SectorBytes) * sector;
        if (Hit(sector, sector) is { } overHeader)
            bag.Add(PlacementRules.BlobOverHeader, blob.Span, blob.Name, overHeader.OffsetBytes, overHeader.EndBytes, sector, 2 * sector);
        else if (Hit(entries, entriesBytes) is { } overEntries)
            bag.Add(PlacementRules.BlobOverEntries, blob.Span, blob.Name, overEntries.OffsetBytes, request.EntryCount, entries + entriesBytes, Advice(request, overEntries));
        var backup = DiskPlacement.UsableEnd(request, diskBytes);
        if (Hit(backup, diskBytes - backup) is { } overBackup)
            bag.Add(PlacementRules.BlobOverBackup, blob.Span, blob.Name, overBackup.EndBytes, backup);
    }

    /// <summary>How many entries end before the blob, in whole sectors.</summary>
    private static string Advice(PlacementRequest request, Region blob)
    {
        var room = blob.OffsetBytes - request.EntriesLba * request.SectorBytes;
        var sectors = Math.Max(0, room) / request.SectorBytes;
        var fit = sectors * request.SectorBytes / GptTable.EntryBytes;
        return fit > 0 && fit >= request.Partitions.Length
            ? $"a GPT of {fit} entries ends at byte {(request.EntriesLba + sectors) * request.SectorBytes}: set entries: {fit}, or use mbr"
            : "use mbr, or move the entries behind the blob";
    }
}
