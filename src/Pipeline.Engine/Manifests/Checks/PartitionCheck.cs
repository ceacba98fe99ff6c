using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Manifests.Reading;
using Pipeline.Engine.Manifests.Yaml;

namespace Pipeline.Engine.Manifests.Checks;

/// <summary>The keys of a partition fit together and fit the table.</summary>
internal static class PartitionCheck
{
    private static readonly string[] ElasticKeys = ["minimum", "maximum", "freeSpace"];

    private static readonly string[] GptKeys = ["attributes", "label"];

    public static void Run(BoardManifest board, IReadOnlyList<LocatedPartition> partitions, DiagnosticBag bag)
    {
        foreach (var (partition, tree) in partitions)
        {
            foreach (var key in ElasticKeys.Where(k => partition is { SizeRule: SizeRule.Fixed, Size: not null } && tree.Find(k) is not null))
                bag.Add(ManifestRules.KeyNotHere, tree.KeySpanOf(key), key, "beside a fixed size");
            if (partition.FileSystem.IsReadOnly)
                CheckReadOnly(partition.FileSystem.Kind, tree, bag);
            if (board.Table.Kind == TableKind.Mbr && tree.Find("id") is not null)
                bag.Add(ManifestRules.KeyNotHere, tree.KeySpanOf("id"), "id", "in an MBR, whose partitions are named by the disk's id and their number");
            foreach (var key in GptKeys.Where(k => board.Table.Kind == TableKind.Mbr && tree.Find(k) is not null))
                bag.Add(ManifestRules.KeyNotHere, tree.KeySpanOf(key), key, "in an MBR");
            if (PartitionTypes.IsEsp(partition, board.Table.Kind) && partition.FileSystem.Kind != FileSystemKind.Fat)
                bag.Add(ManifestRules.FatOnEsp, tree.Find("filesystem") is null ? tree.SpanOf("type") : tree.SpanOf("filesystem"), Message.Quote(partition.Name));
        }
    }

    private static void CheckReadOnly(FileSystemKind kind, YamlMap tree, DiagnosticBag bag)
    {
        var (name, article) = kind == FileSystemKind.Erofs ? ("erofs", "an erofs") : ("squashfs", "a squashfs");
        if (tree.Find("freeSpace") is not null)
            bag.Add(ManifestRules.KeyNotHere, tree.KeySpanOf("freeSpace"), "freeSpace", $"on {name}, which is never written to");
        foreach (var flag in tree.Scalars("flags").Where(f => f.Text == "grow"))
            bag.Add(ManifestRules.FlagNotHere, flag.Span, flag.Text, article, "remove it");
    }
}
