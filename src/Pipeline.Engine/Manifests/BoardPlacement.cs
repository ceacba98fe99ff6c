using Pipeline.Disk.Partitioning;
using Pipeline.Engine.Manifests.Models;
using DiskTable = Pipeline.Disk.Partitioning.TableKind;
using TableKind = Pipeline.Engine.Manifests.Models.TableKind;

namespace Pipeline.Engine.Manifests;

/// <summary>A board as a request to <see cref="DiskPlacement"/>. The check of a board and the build ask in the same words.</summary>
public static class BoardPlacement
{
    /// <param name="contentBytes">Per partition: the least length that its content and free space need.</param>
    /// <param name="blobBytes">Per blob: its length.</param>
    public static PlacementRequest Request(BoardManifest board, IReadOnlyList<long> contentBytes, IReadOnlyList<long> blobBytes) => new()
    {
        Table = board.Table.Kind == TableKind.Gpt ? DiskTable.Gpt : DiskTable.Mbr,
        SectorBytes = board.SectorBytes,
        EntryCount = board.Table.EntryCount,
        EntriesLba = board.Table.EntriesLba,
        FirstUsableLba = board.Table.FirstUsableLba,
        AlignmentBytes = board.Table.Alignment.Bytes,
        DiskBytes = board.DiskSize?.Bytes,
        PowerOfTwo = board.PowerOfTwoSize,
        Partitions = [.. board.Partitions.Select((p, i) => Request(p.Name.Length > 0 ? p : p with { Name = $"#{i + 1}" }, contentBytes[i]))],
        Blobs = [.. board.Blobs.Select((b, i) => new BlobRequest(b.Name, b.Offset.Bytes, blobBytes[i], b.KeepRanges, b.Span, LiesInRawPartition(b, board)))],
        Span = board.Table.Span,
    };

    private static PartitionRequest Request(Partition partition, long contentBytes)
    {
        var least = Math.Max(contentBytes, partition.SizeRule == SizeRule.Fixed ? 0 : partition.Size?.Bytes ?? 0);
        long? length = partition.SizeRule switch
        {
            SizeRule.Fixed => partition.Size!.Value.Bytes,
            SizeRule.Content => Math.Max(1, least),
            _ => null,
        };
        return new PartitionRequest(partition.Name, partition.Offset?.Bytes, length, least, partition.Span);
    }

    /// <summary>A partition without a file system around a blob is there to protect it.</summary>
    private static bool LiesInRawPartition(RawBlob blob, BoardManifest board) =>
        board.Partitions.Any(p => p is { FileSystem.Kind: FileSystemKind.None, Offset: not null, SizeRule: SizeRule.Fixed, Size: not null }
            && blob.Offset >= p.Offset && blob.Offset < p.Offset.Value + p.Size.Value);
}
