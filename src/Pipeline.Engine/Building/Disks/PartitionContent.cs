using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Engine.Manifests.Carried;
using Pipeline.Engine.Manifests.Models;

namespace Pipeline.Engine.Building.Disks;

/// <summary>What goes into a partition: the files of its file system, or a file as it is.</summary>
/// <param name="Raw">Null where the partition has a file system, or stays empty.</param>
internal sealed record PartitionContent(FileTree Tree, FileContent? Raw)
{
    /// <summary>The files that are partitions' content as they are, one a partition; what is missing is in the bag.</summary>
    /// <param name="tree">Whole: later its parts lie in their partitions.</param>
    public static ImmutableArray<FileContent?> FindRaw(BoardManifest board, FileTree tree, DiagnosticBag bag)
    {
        var found = ImmutableArray.CreateBuilder<FileContent?>();
        foreach (var (index, partition) in board.Partitions.Index())
        {
            var file = partition.RawContent is { } path ? tree.Find(path) as RegularFile : null;
            if (partition.RawContent is not null && file is null)
                bag.Add(CarriedRules.ContentMissing, partition.Span, partition.Name.Length > 0 ? partition.Name : $"{index + 1}", partition.RawContent);
            found.Add(file?.Content);
        }
        return found.ToImmutable();
    }
}
