using System.Collections.Immutable;
using System.Numerics;
using Pipeline.Core.Blocks;
using Pipeline.Core.Diagnostics;
using Pipeline.Disk.Gpt;
using Pipeline.Disk.Mbr;

namespace Pipeline.Disk.Partitioning;

/// <summary>
/// Decides where partitions lie. Pure: the checks of a board's file and the build ask the same function. Partitions keep
/// their order. Before a logical partition lies its boot record, one alignment before where the place is free to choose,
/// one sector before where an offset is given. One without an offset comes to the next aligned place behind the one before it where it covers no blob;
/// behind a partition that takes the rest of a disk of fixed length they line up before the disk's end.
/// </summary>
public static class DiskPlacement
{
    private const long MebiByte = 1 << 20;

    public static Result<Placement> Place(PlacementRequest request)
    {
        var bag = new DiagnosticBag();
        if (!RequestCheck.Numbers(request, bag))
            return Result<Placement>.Failed(bag.ToImmutable());
        RequestCheck.Table(request, bag);
        var disk = FixedDiskBytes(request);
        var room = new Room(FirstUsableLba(request) * request.SectorBytes, disk is null ? long.MaxValue : UsableEnd(request, disk.Value));
        if (disk is not null && room.StartBytes >= room.EndBytes)
        {
            bag.Add(PlacementRules.DiskTooSmall, request.Span, RequestCheck.Size(disk.Value), RequestCheck.Size(room.StartBytes + MebiByte));
            return Result<Placement>.Failed(bag.ToImmutable());
        }
        var partitions = new PartitionLine(request, room, bag).Place();
        var diskBytes = disk ?? LeastDiskBytes(request, partitions);
        PlacementCheck.Check(request, partitions, diskBytes, bag);
        return bag.HasErrors
            ? Result<Placement>.Failed(bag.ToImmutable())
            : new Placement(diskBytes, FirstUsableLba(request), [.. partitions.Select(p => p!)],
                [.. request.Blobs.Select(b => new Region(b.OffsetBytes, b.LengthBytes, b.Name))]);
    }

    /// <summary>The bytes that belong to the partition table itself.</summary>
    public static IEnumerable<Region> TableRegions(PlacementRequest request, long diskBytes) => request.Table == TableKind.Mbr
        ? [new(MbrWriter.FirstByte, MbrWriter.EndByte - MbrWriter.FirstByte, "mbr")]
        : Table(request, diskBytes).Regions();

    /// <summary>The same with the extended boot records of logical partitions.</summary>
    public static IEnumerable<Region> TableRegions(PlacementRequest request, Placement placement) =>
        TableRegions(request, placement.DiskBytes).Concat(placement.Partitions.Select(p => p.BootRecordBytes).OfType<long>()
            .Select(offsetBytes => new Region(offsetBytes, MbrWriter.EndByte, "extended boot record")));

    internal static bool IsLogical(PlacementRequest request, int index) =>
        request.Table == TableKind.Mbr && MbrTable.IsLogical(index, request.Partitions.Length);

    internal static long FirstUsableLba(PlacementRequest request) => request.FirstUsableLba
        ?? (request.Table == TableKind.Mbr ? 1 : GptTable.DefaultFirstUsableLba(request.EntryCount, request.EntriesLba, request.SectorBytes));

    /// <summary>Where partitions end at the latest.</summary>
    internal static long UsableEnd(PlacementRequest request, long diskBytes) => request.Table == TableKind.Mbr
        ? diskBytes / request.SectorBytes * request.SectorBytes
        : Table(request, diskBytes).BackupEntriesLba * request.SectorBytes;

    /// <summary>The disk that ends right behind a last partition or blob, rounded up.</summary>
    internal static long DiskBytesFor(PlacementRequest request, long contentEnd)
    {
        var tail = request.Table == TableKind.Mbr ? 0 : (1 + GptTable.EntrySectors(request.EntryCount, request.SectorBytes)) * request.SectorBytes;
        var bytes = RoundUp(contentEnd + tail, MebiByte);
        return request.PowerOfTwo ? (long)BitOperations.RoundUpToPowerOf2((ulong)bytes) : bytes;
    }

    internal static long RoundUp(long value, long step) => (value + step - 1) / step * step;

    private static long? FixedDiskBytes(PlacementRequest request) => request.DiskBytes is { } bytes && request.PowerOfTwo
        ? (long)BitOperations.RoundUpToPowerOf2((ulong)bytes)
        : request.DiskBytes;

    private static long LeastDiskBytes(PlacementRequest request, ImmutableArray<PlacedPartition?> partitions)
    {
        var end = Math.Max(FirstUsableLba(request), 1) * request.SectorBytes;
        foreach (var partition in partitions)
            end = Math.Max(end, partition?.Region.EndBytes ?? 0);
        foreach (var blob in request.Blobs)
            end = Math.Max(end, blob.OffsetBytes + blob.LengthBytes);
        return DiskBytesFor(request, end);
    }

    private static GptTable Table(PlacementRequest request, long diskBytes) => new()
    {
        DiskGuid = default, SectorBytes = request.SectorBytes, DiskBytes = diskBytes, EntryCount = request.EntryCount,
        EntriesLba = request.EntriesLba, FirstUsableLba = FirstUsableLba(request), Slots = [],
        Hybrid = [.. request.Hybrid.Select(_ => new MbrPartition(0, false, 0, 0))],
    };
}

/// <summary>Where partitions may lie, in bytes; the end is exclusive and beyond all numbers while the disk has no length.</summary>
internal readonly record struct Room(long StartBytes, long EndBytes)
{
    public bool IsBounded => EndBytes != long.MaxValue;
}
