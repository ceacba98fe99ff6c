using Pipeline.Disk.Mbr;
using Pipeline.Disk.Partitioning;
using Pipeline.Engine.Manifests.Models;
using DiskTable = Pipeline.Disk.Partitioning.TableKind;
using TableKind = Pipeline.Engine.Manifests.Models.TableKind;

namespace Pipeline.Engine.Manifests;

/// <summary>A board as a request to <see cref="DiskPlacement"/>. The check of a board and the build ask in the same words.</summary>
public static class BoardPlacement
{
    /// <param name="contentBytes">Per partition: the least length that its content and free space need.</param>
    /// <param name="blobBytes">Per blob: the length of its file.</param>
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
        Hybrid = [.. board.Table.Hybrid.Select(h => IndexOf(h.Partition, board)).Where(i => i >= 0)],
        Blobs = [.. board.Blobs.Select((b, i) => new BlobRequest(b.Name, b.Offset.Bytes, b.LengthOnMedium(blobBytes[i]), b.KeepRanges, b.Span, LiesInRawPartition(b, board)))],
        Span = board.Table.Span,
    };

    /// <summary>The number that a running system gives a partition: logical ones of an MBR count from 5.</summary>
    public static int NumberOf(BoardManifest board, int index) =>
        board.Table.Kind == TableKind.Mbr ? MbrTable.NumberOf(index, board.Partitions.Length) : index + 1;

    /// <summary>Of the partition with a name; -1 where there is none.</summary>
    public static int IndexOf(string name, BoardManifest board) => board.Partitions.IndexOf(board.Partitions.FirstOrDefault(p => p.Name == name)!);

    private static PartitionRequest Request(Partition partition, long contentBytes)
    {
        var least = Math.Max(contentBytes, partition.SizeRule == SizeRule.Fixed ? 0 : partition.Size?.Bytes ?? 0);
        long? length = partition.SizeRule switch
        {
            SizeRule.Fixed => partition.Size!.Value.Bytes,
            SizeRule.Content => Math.Max(1, least),
            _ => null,
        };
        return new PartitionRequest(partition.Name, partition.Offset?.Bytes, length, least, partition.Span)
        {
            MaximumBytes = partition.SizeRule == SizeRule.Fixed ? null : partition.Maximum?.Bytes,
            Label = partition.Label,
        };
    }

    /// <summary>A partition without a file system around a blob is there to protect it.</summary>
    private static bool LiesInRawPartition(RawBlob blob, BoardManifest board) => PartitionAround(blob, board) >= 0;

    /// <summary>The index of the partition without a file system in which a blob begins; -1 for none.</summary>
    public static int PartitionAround(RawBlob blob, BoardManifest board)
    {
        for (var i = 0; i < board.Partitions.Length; i++)
        {
            if (board.Partitions[i] is { FileSystem.Kind: FileSystemKind.None, Offset: { } offset, SizeRule: SizeRule.Fixed, Size: { } size }
                && blob.Offset >= offset && blob.Offset < offset + size)
                return i;
        }
        return -1;
    }
}
