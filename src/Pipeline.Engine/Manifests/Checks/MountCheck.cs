using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Manifests.Yaml;

namespace Pipeline.Engine.Manifests.Checks;

/// <summary>Each mount point has one partition, one that can hold files, and there is a root.</summary>
internal static class MountCheck
{
    public static void Run(IReadOnlyList<LocatedPartition> partitions, YamlMap tree, DiagnosticBag bag)
    {
        var seen = new Dictionary<string, LocatedPartition>(StringComparer.Ordinal);
        foreach (var located in partitions.Where(p => p.Partition.MountPoint is not null))
        {
            var partition = located.Partition;
            var span = located.Tree.SpanOf("mount");
            if (!HoldsFiles(located))
                bag.Add(ManifestRules.MountWithoutFileSystem, span, Message.Quote(partition.Name), Message.Quote(partition.MountPoint!));
            if (!seen.TryAdd(partition.MountPoint!, located))
            {
                var other = seen[partition.MountPoint!];
                bag.Add(ManifestRules.MountTwice, span, Message.Quote(partition.MountPoint!), Message.Quote(other.Partition.Name), other.Tree.SpanOf("mount"));
            }
            if (partition is { MountPoint: "/", FileSystem.Kind: FileSystemKind.Fat })
                bag.Add(ManifestRules.RootFileSystem, located.Tree.SpanOf("filesystem"), "FAT");
        }
        // A mount point that could not be read may have been the root.
        var unclear = partitions.Any(p => p.Partition.MountPoint is null && p.Tree.Find("mount") is not null);
        if (partitions.Count > 0 && !seen.ContainsKey("/") && !unclear)
            bag.Add(ManifestRules.NoRoot, tree.KeySpanOf("partitions"));
    }

    // An unknown word for a file system was reported already; it is taken for one that holds files.
    private static bool HoldsFiles(LocatedPartition located) =>
        located.Partition.FileSystem.Kind is FileSystemKind.Ext4 or FileSystemKind.Fat
        || (located.Tree.Find("filesystem") is { } entry
            && ((entry.Value as YamlScalar)?.Text ?? (entry.Value as YamlMap).Text("type")) is not ("none" or "swap"));
}
