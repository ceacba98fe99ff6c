using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Manifests.Yaml;

namespace Pipeline.Engine.Manifests.Checks;

/// <summary>Everything that can be wrong between the values of one board. No check needs another to have passed.</summary>
internal static class BoardChecks
{
    public static void Run(BoardManifest board, YamlMap tree, DiagnosticBag bag)
    {
        var partitions = board.Partitions.Zip(tree.Maps("partitions"), (p, t) => new LocatedPartition(p, t)).ToList();
        TableCheck.Run(board, tree, bag);
        NameCheck.Run(tree, bag);
        MountCheck.Run(partitions, tree, bag);
        PartitionCheck.Run(board, partitions, bag);
        CopyCheck.Run(board, partitions, bag);
        FileSystemCheck.Run(partitions, bag);
        BootCheck.Run(board, partitions, tree, bag);
        BlobCheck.Run(board, tree, bag);
        var placement = LayoutCheck.Run(board, tree, bag);
        RomCheck.Run(board, placement, tree, bag);
    }
}

/// <summary>A partition and the tree it was read from.</summary>
internal sealed record LocatedPartition(Partition Partition, YamlMap Tree);
