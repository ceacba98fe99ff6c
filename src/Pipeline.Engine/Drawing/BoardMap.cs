using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Units;
using Pipeline.Disk.Partitioning;
using Pipeline.Engine.Manifests;
using Pipeline.Engine.Manifests.Models;
using TableKind = Pipeline.Engine.Manifests.Models.TableKind;

namespace Pipeline.Engine.Drawing;

public enum MapKind
{
    Table,
    Loader,
    Partition,
    Free,
}

/// <summary>One stretch of a board's disk. What only a build decides is null.</summary>
/// <param name="OffsetBytes">Null where it depends on contents.</param>
/// <param name="FromEndBytes">Where it begins, counted from the disk's end; null where that is not known either.</param>
/// <param name="LengthBytes">Null where it depends on contents.</param>
/// <param name="Size">In words: <c>128 MiB</c>, <c>content</c>, <c>rest, at least 1 GiB</c>, <c>at most 1016 KiB</c>.</param>
/// <param name="Detail">Type, file system, mount point, flags; where a loader comes from.</param>
/// <param name="IsInside">It lies in the partition before it.</param>
public sealed record MapPart(
    MapKind Kind, string Name, long? OffsetBytes, long? FromEndBytes, long? LengthBytes, string Size, string Detail, bool IsInside)
{
    /// <summary>The largest power of two, up to 16 MiB, at a multiple of which it begins; null where that is not known.</summary>
    public ByteSize? Alignment => OffsetBytes is not { } offset ? null : new(Math.Min(16 << 20, offset == 0 ? 16 << 20 : offset & -offset));

    /// <summary>Everything about its place is known before building.</summary>
    public bool IsCertain => (OffsetBytes ?? FromEndBytes) is not null && LengthBytes is not null;

    public string Place => OffsetBytes is { } offset ? ExactSize.Of(offset) : FromEndBytes is { } end ? $"end - {ExactSize.Of(end)}" : "then";
}

/// <summary>A board's disk from its first byte to its last, as far as its file says it.</summary>
/// <param name="DiskBytes">Null where the disk is as long as its contents need.</param>
/// <param name="DiskSize">In words.</param>
public sealed record BoardMap(
    string Name, string Description, string Table, int SectorBytes, ByteSize Alignment, long? DiskBytes, string DiskSize, ImmutableArray<MapPart> Parts)
{
    /// <summary>All that is said of the disk as a whole, in one line.</summary>
    public string Facts => $"{Table}, sectors of {SectorBytes} bytes, partitions at multiples of {Alignment}, {DiskSize}";

    /// <summary>Taken for what is sized by its content, to find the order of things.</summary>
    private const long SomeBytes = 1 << 20;

    public static Result<BoardMap> Of(BoardManifest board)
    {
        var content = board.Partitions.Select(p => p.SizeRule == SizeRule.Fixed ? 0 : p.Size?.Bytes ?? SomeBytes);
        var blobs = board.Blobs.Select(b => b.Limit?.Bytes ?? (b.RepositoryPath is { } path && File.Exists(path) ? new FileInfo(path).Length : board.SectorBytes));
        var request = BoardPlacement.Request(board, [.. content], [.. blobs]);
        var placed = DiskPlacement.Place(request);
        if (placed is not { IsOk: true, Value: { } placement })
            return Result<BoardMap>.Failed(placed.Diagnostics);
        var isFixed = board.DiskSize is not null;
        var parts = new MapParts(board, request, placement).InOrder();
        var table = board.Table.Kind == TableKind.Mbr ? "MBR" : board.Table.Hybrid.IsEmpty ? "GPT" : "GPT with a hybrid MBR";
        return new BoardMap(board.Name, board.Description, table, board.SectorBytes, board.Table.Alignment, isFixed ? placement.DiskBytes : null, Words(board, placement), [.. MapGaps.Fill(parts, isFixed ? placement.DiskBytes : null)]);
    }

    private static string Words(BoardManifest board, Placement placement) =>
        board.DiskSize is not null ? $"{ExactSize.Of(placement.DiskBytes)} in all"
        : board.PowerOfTwoSize ? "as long as its contents need, rounded up to a power of two"
        : "as long as its contents need";
}
