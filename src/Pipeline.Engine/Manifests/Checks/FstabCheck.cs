using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Manifests.Reading;
using Pipeline.Engine.Manifests.Yaml;

namespace Pipeline.Engine.Manifests.Checks;

/// <summary>
/// Without an fstab the partition types must say what is mounted where: only a GPT has such types, and only for some mount
/// points (Discoverable Partitions Specification).
/// </summary>
internal static class FstabCheck
{
    private static readonly Dictionary<string, string> TypeOfMount = new(StringComparer.Ordinal)
    {
        ["/home"] = "home", ["/srv"] = "srv", ["/var"] = "var", ["/boot"] = "xbootldr",
    };

    public static void Run(ImageManifest image, YamlMap tree, BoardSet boards, DiagnosticBag bag)
    {
        if (image.Customization.Fstab != FstabPolicy.Discoverable)
            return;
        var span = tree.Map("customize")!.SpanOf("fstab");
        foreach (var name in image.Boards.Select(b => b.Value).Distinct(StringComparer.Ordinal))
        {
            if (boards.Good.TryGetValue(name, out var board) && Problem(board) is { } problem)
                bag.Add(ManifestRules.NotDiscoverable, span, name, problem);
        }
    }

    private static string? Problem(BoardManifest board)
    {
        if (board.Table.Kind == TableKind.Mbr)
            return "it has an MBR, whose types say no mount points";
        var stray = board.Partitions.FirstOrDefault(p => p.MountPoint is not null && !IsDiscoverable(p, board));
        return stray is null ? null : $"the type of its partition '{stray.Name}' does not say '{stray.MountPoint}'";
    }

    private static bool IsDiscoverable(Partition partition, BoardManifest board) => partition.MountPoint switch
    {
        "/" => PartitionTypes.IsRoot(partition, board.Platform.Architecture),
        "/boot" or "/boot/efi" or "/efi" when PartitionTypes.IsEsp(partition, TableKind.Gpt) => true,
        { } mount => TypeOfMount.TryGetValue(mount, out var type) && partition.TypeId == PartitionTypes.Resolve(type, TableKind.Gpt, board.Platform.Architecture),
        null => true,
    };
}
