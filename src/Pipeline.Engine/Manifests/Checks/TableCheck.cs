using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Manifests.Reading;
using Pipeline.Engine.Manifests.Yaml;

namespace Pipeline.Engine.Manifests.Checks;

/// <summary>The keys of the table fit its kind and its sectors.</summary>
internal static class TableCheck
{
    private static readonly string[] GptKeys = ["hybrid", "entries", "entriesAt", "firstUsable"];

    public static void Run(BoardManifest board, YamlMap tree, DiagnosticBag bag)
    {
        if (tree.Map("table") is not { } table)
            return;
        foreach (var key in GptKeys.Where(k => board.Table.Kind == TableKind.Mbr && table.Find(k) is not null))
            bag.Add(ManifestRules.KeyNotHere, table.KeySpanOf(key), key, "with an MBR");
        if (board.Table.Kind == TableKind.Gpt && table.Find("hybrid") is not null)
            CheckHybrid(board, table, bag);
        foreach (var key in GptKeys[2..])
        {
            if (table.Scalar(key) is { } offset && SizeText.Parse(offset.Text, board.SectorBytes) is { } bytes && bytes % board.SectorBytes != 0)
                bag.Add(ManifestRules.NotOnSector, offset.Span, Message.Quote(offset.Text), bytes, board.SectorBytes);
        }
    }

    private static void CheckHybrid(BoardManifest board, YamlMap table, DiagnosticBag bag)
    {
        bag.Add(ManifestRules.HybridMbr, table.KeySpanOf("hybrid"));
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in table.Maps("hybrid").Select(h => h.Scalar("partition")).OfType<YamlScalar>())
        {
            if (!board.Partitions.Any(p => p.Name == name.Text))
                bag.Add(ManifestRules.NoSuchPartition, name.Span, Message.Quote(name.Text), $"there are {Message.List(board.Partitions.Select(p => p.Name))}");
            else if (!seen.Add(name.Text))
                bag.Add(ManifestRules.RepeatedItem, name.Span, "hybrid");
        }
    }
}
