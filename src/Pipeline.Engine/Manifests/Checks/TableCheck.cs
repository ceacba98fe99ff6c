using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Manifests.Reading;
using Pipeline.Engine.Manifests.Yaml;

namespace Pipeline.Engine.Manifests.Checks;

/// <summary>The keys of the table fit its kind and its sectors.</summary>
internal static class TableCheck
{
    private static readonly string[] GptKeys = ["entries", "entriesAt", "firstUsable"];

    public static void Run(BoardManifest board, YamlMap tree, DiagnosticBag bag)
    {
        if (tree.Map("table") is not { } table)
            return;
        foreach (var key in GptKeys.Where(k => board.Table.Kind == TableKind.Mbr && table.Find(k) is not null))
            bag.Add(ManifestRules.KeyNotHere, table.KeySpanOf(key), key, "with an MBR");
        foreach (var key in GptKeys[1..])
        {
            if (table.Scalar(key) is { } offset && SizeText.Parse(offset.Text, board.SectorBytes) is { } bytes && bytes % board.SectorBytes != 0)
                bag.Add(ManifestRules.NotOnSector, offset.Span, Message.Quote(offset.Text), bytes, board.SectorBytes);
        }
    }
}
