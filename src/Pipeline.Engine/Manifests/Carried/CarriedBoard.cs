using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Units;
using Pipeline.Disk.Partitioning;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Manifests.Reading;
using Pipeline.Oci.Platforms;
using TableKind = Pipeline.Engine.Manifests.Models.TableKind;

namespace Pipeline.Engine.Manifests.Carried;

/// <summary>A partition as a container says it, and where it says so: <c>$.partitions[1]</c>.</summary>
internal sealed record CarriedPartition(Partition Partition, string Place);

/// <summary>What a container says of its disk, in the words of a board; not judged yet.</summary>
internal sealed record CarriedTable(TableKind Kind, ImmutableArray<CarriedPartition> Partitions)
{
    public int SectorBytes { get; init; } = 512;

    public ByteSize Alignment { get; init; } = ByteSize.MiB(1);

    public string? Id { get; init; }

    public ByteSize? DiskSize { get; init; }
}

/// <summary>Who asked for a layout: the board's name and platform, and the place that named it.</summary>
internal sealed record CarriedRequest(string BoardName, Platform Platform, SourceSpan Span);

/// <summary>Makes a board of a layout that a container carries, and judges it as a board's file would be judged.</summary>
internal static class CarriedBoard
{
    /// <summary>Primary ones: neither labels nor disk.yaml know others.</summary>
    public const int MbrPartitions = 4;

    /// <summary>Taken for a partition that is as large as its content, while the content is not known.</summary>
    private const long LeastPartitionBytes = 1 << 20;

    /// <summary>A board without partitions: what it is will be known when the container is unpacked.</summary>
    public static BoardManifest Unread(CarriedRequest request) => new()
    {
        Name = request.BoardName,
        Span = request.Span,
        Description = "the layout that the container carries",
        Platform = request.Platform,
        SectorBytes = 512,
        Table = new(TableKind.Gpt, 128, null, 2, ByteSize.MiB(1), null, request.Span),
        Partitions = [],
        Blobs = [],
        Boot = new(BootMethod.Automatic, [], RootReference.PartitionUuid, null, [], request.Span),
        Origin = LayoutOrigin.ContainerTree,
    };

    /// <param name="what">The layout, for messages: a label or a file.</param>
    /// <returns>Null where the bag has the reason.</returns>
    public static BoardManifest? Make(CarriedTable table, CarriedRequest request, LayoutOrigin origin, string what, DiagnosticBag bag)
    {
        Check(table, request, what, bag);
        if (bag.HasErrors)
            return null;
        var board = Unread(request) with
        {
            SectorBytes = table.SectorBytes,
            Table = new(table.Kind, 128, null, 2, table.Alignment, table.Id, request.Span),
            Partitions = [.. table.Partitions.Select(p => p.Partition)],
            DiskSize = table.DiskSize,
            Origin = origin,
        };
        var least = board.Partitions.Select(p => p.SizeRule == SizeRule.Fixed ? 0 : p.Size?.Bytes ?? LeastPartitionBytes);
        bag.AddRange(DiskPlacement.Place(BoardPlacement.Request(board, [.. least], [])).Diagnostics);
        return bag.HasErrors ? null : board;
    }

    private static void Check(CarriedTable table, CarriedRequest request, string what, DiagnosticBag bag)
    {
        if (table.Kind == TableKind.Mbr && table.Partitions.Length > MbrPartitions)
            bag.Add(CarriedRules.WrongValue, table.Partitions[MbrPartitions].Partition.Span, table.Partitions[MbrPartitions].Place, "a fifth partition", $"at most {MbrPartitions} in an MBR; use gpt");
        var mounts = new HashSet<string>(StringComparer.Ordinal);
        CarriedPartition? filling = null;
        foreach (var carried in table.Partitions)
        {
            var (partition, place) = carried;
            if (partition.MountPoint is { } mount)
            {
                if (!mounts.Add(mount))
                    bag.Add(CarriedRules.MountTwice, partition.Span, place, Message.Quote(mount));
                if (partition.FileSystem.Kind is not (FileSystemKind.Ext4 or FileSystemKind.Fat))
                    bag.Add(CarriedRules.WrongValue, partition.Span, place, "a mount point without a file system", "ext4 or fat beside it");
                if (mount == "/" && partition.FileSystem.Kind == FileSystemKind.Fat)
                    bag.Add(CarriedRules.WrongValue, partition.Span, place, "a root file system of fat", "ext4, because fat keeps no owners and links");
            }
            if (partition.SizeRule == SizeRule.Rest && filling is not null)
                bag.Add(CarriedRules.TwoFills, partition.Span, place, filling.Place);
            if (partition.SizeRule == SizeRule.Rest)
                filling ??= carried;
            if (PartitionTypes.IsEsp(partition, table.Kind) && partition.FileSystem.Kind != FileSystemKind.Fat)
                bag.Add(CarriedRules.WrongValue, partition.Span, place, "an EFI system partition without fat", "fat");
        }
        if (!mounts.Contains("/") && !bag.HasErrors)
            bag.Add(CarriedRules.NoRoot, request.Span, what);
    }
}
