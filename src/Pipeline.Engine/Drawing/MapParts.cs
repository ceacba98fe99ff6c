using Pipeline.Core.Blocks;
using Pipeline.Disk.Partitioning;
using Pipeline.Engine.Inspecting.Tables;
using Pipeline.Engine.Manifests;
using Pipeline.Engine.Manifests.Models;
using TableKind = Pipeline.Engine.Manifests.Models.TableKind;

namespace Pipeline.Engine.Drawing;

/// <summary>The tables, loaders and partitions of a board, and which of their places are certain before building.</summary>
internal sealed class MapParts(BoardManifest board, PlacementRequest request, Placement placement)
{
    private readonly bool _isDiskFixed = board.DiskSize is not null;

    /// <summary>In the order of the disk; what lies in a partition comes right after it.</summary>
    public List<MapPart> InOrder()
    {
        var found = new List<(long Order, int Depth, MapPart Part)>();
        foreach (var region in DiskPlacement.TableRegions(request, placement))
            found.Add((region.OffsetBytes, 0, Table(region)));
        for (var i = 0; i < board.Blobs.Length; i++)
        {
            var isInside = request.Blobs[i].MayLieInPartition;
            foreach (var piece in request.Blobs[i].Pieces())
                found.Add((piece.OffsetBytes, isInside ? 1 : 0, Loader(board.Blobs[i], piece, isInside)));
        }
        for (var i = 0; i < board.Partitions.Length; i++)
            found.Add((placement.Partitions[i].OffsetBytes, 0, Partition(i)));
        return [.. found.OrderBy(f => f.Order).ThenBy(f => f.Depth).Select(f => f.Part)];
    }

    private MapPart Table(Region region)
    {
        var isBackup = region.Name.StartsWith("backup", StringComparison.Ordinal);
        var isLogical = region.Name == "extended boot record";
        var isCertain = isBackup ? _isDiskFixed : !isLogical || placement.Partitions.Index().All(p => p.Item.BootRecordBytes != region.OffsetBytes || IsPlaceCertain(p.Index));
        var detail = region.Name is "gpt entries" or "backup gpt entries" ? $"room for {board.Table.EntryCount} partitions"
            : region.Name == "protective mbr" && !board.Table.Hybrid.IsEmpty ? "also shows " + string.Join(", ", board.Table.Hybrid.Select(h => h.Partition)) : "";
        return new(MapKind.Table, region.Name, isCertain ? region.OffsetBytes : null, isBackup ? placement.DiskBytes - region.OffsetBytes : null,
            region.LengthBytes, ExactSize.Of(region.LengthBytes), detail, false);
    }

    private static MapPart Loader(RawBlob blob, Region piece, bool isInside)
    {
        var source = blob.ContainerPath ?? Path.GetFileName(blob.RepositoryPath) ?? "";
        // A kept range splits a loader: only its last piece may be shorter than the limit.
        var isLast = blob.Limit is null || piece.EndBytes == blob.Offset.Bytes + blob.Limit.Value.Bytes;
        var size = ExactSize.Of(piece.LengthBytes);
        return blob.Limit is null && blob.RepositoryPath is null
            ? new(MapKind.Loader, blob.Name, piece.OffsetBytes, null, null, "as long as it is", source, isInside)
            : new(MapKind.Loader, blob.Name, piece.OffsetBytes, null, piece.LengthBytes, isLast && blob.Padding is null && blob.Limit is not null ? $"at most {size}" : size, source, isInside);
    }

    private MapPart Partition(int index)
    {
        var partition = board.Partitions[index];
        var placed = placement.Partitions[index];
        var least = partition.Size is { } size ? $", at least {size}" : "";
        var words = partition.SizeRule switch
        {
            SizeRule.Fixed => ExactSize.Of(placed.LengthBytes),
            SizeRule.Rest when _isDiskFixed => IsSizeCertain(index) ? $"{ExactSize.Of(placed.LengthBytes)} (rest)" : "rest" + least,
            SizeRule.Rest => "content" + least,
            _ => "content" + least,
        };
        return new(MapKind.Partition, partition.Name, IsPlaceCertain(index) ? placed.OffsetBytes : null, null,
            IsSizeCertain(index) ? placed.LengthBytes : null, words, Describe(partition, index), false);
    }

    private string Describe(Partition partition, int index)
    {
        var type = Guid.TryParse(partition.TypeId, out var guid) ? PartitionTypes.NameOf(guid) : PartitionTypes.NameOf(Convert.ToByte(partition.TypeId, 16));
        var kind = partition.FileSystem is { Kind: FileSystemKind.Fat, FatBits: { } bits } ? $"fat{bits}" : partition.FileSystem.Kind == FileSystemKind.None ? "raw" : partition.FileSystem.Kind.ToString().ToLowerInvariant();
        string[] words =
        [
            $"partition {BoardPlacement.NumberOf(board, index)}",
            type ?? "type " + partition.TypeId,
            kind,
            partition.MountPoint ?? "",
            partition.Flags.Active ? "active" : "",
            board.Table.Kind == TableKind.Gpt && (partition.Flags.GptAttributes & 4) != 0 ? "legacy boot" : "",
            (partition.Flags.GptAttributes & 1) != 0 ? "required" : "",
            partition.Flags.Grow ? "grows" : "",
            partition.Flags.ReadOnly ? "read-only" : "",
            partition.CopyOf is { } other ? $"copy of {other}" : "",
        ];
        return string.Join(", ", words.Where(w => w.Length > 0));
    }

    /// <summary>Behind a rest partitions line up before the disk's end; elsewhere each comes behind the one before it.</summary>
    private bool IsPlaceCertain(int index)
    {
        if (board.Partitions[index].Offset is not null)
            return true;
        if (_isDiskFixed && board.Partitions.Take(index).Any(p => p.SizeRule == SizeRule.Rest))
            return board.Partitions.Skip(index).All(p => p.SizeRule == SizeRule.Fixed);
        return index == 0 || (IsPlaceCertain(index - 1) && IsSizeCertain(index - 1));
    }

    private bool IsSizeCertain(int index) => board.Partitions[index].SizeRule switch
    {
        SizeRule.Fixed => true,
        SizeRule.Rest => _isDiskFixed && IsPlaceCertain(index) && board.Partitions.Skip(index + 1).All(p => p.SizeRule == SizeRule.Fixed),
        _ => false,
    };
}
