using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Manifests.Yaml;

namespace Pipeline.Engine.Manifests.Checks;

/// <summary>A slot that carries what another carries can hold it, and the other has something of its own.</summary>
internal static class CopyCheck
{
    public static void Run(BoardManifest board, IReadOnlyList<LocatedPartition> partitions, DiagnosticBag bag)
    {
        foreach (var located in partitions.Where(p => p.Partition.CopyOf is not null))
        {
            var (copy, tree) = located;
            var original = board.Partitions.FirstOrDefault(p => p.Name == copy.CopyOf);
            if (original is null)
                bag.Add(ManifestRules.NoSuchPartition, tree.SpanOf("copyOf"), Message.Quote(copy.CopyOf!), $"there are {Message.List(board.Partitions.Select(p => p.Name))}");
            else if (Problem(copy, original) is { } problem)
                bag.Add(ManifestRules.CopyOf, tree.SpanOf("copyOf"), Message.Quote(copy.Name), Message.Quote(original.Name), problem);
            else if (IsSmaller(copy, original))
                bag.Add(ManifestRules.CopySmaller, tree.SpanOf("size"), Message.Quote(copy.Name), copy.Size, Message.Quote(original.Name), original.Size);
        }
    }

    private static string? Problem(Partition copy, Partition original)
    {
        if (copy.Name == original.Name)
            return "that is the partition itself; name another";
        if (original.CopyOf is not null)
            return $"that is a copy as well; name '{Message.Quote(original.CopyOf)}'";
        if (copy.MountPoint is not null)
            return "it has a mount point of its own; remove one of the two";
        if (original.MountPoint is null)
            return "nothing is mounted there, so it is empty; remove copyOf for an empty slot";
        return copy.FileSystem.Kind is FileSystemKind.None or FileSystemKind.Swap ? "it has no file system to hold files; write the same one" : null;
    }

    private static bool IsSmaller(Partition copy, Partition original) =>
        copy is { SizeRule: SizeRule.Fixed, Size: not null } && original is { SizeRule: SizeRule.Fixed, Size: not null } && copy.Size < original.Size;
}
