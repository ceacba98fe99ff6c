using Pipeline.Core.Diagnostics;
using Pipeline.Disk.Partitioning;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Manifests.Reading;
using Pipeline.Engine.Manifests.Yaml;

namespace Pipeline.Engine.Manifests.Checks;

/// <summary>
/// The layout can exist at all: asked of the same arithmetic that builds it, with every partition at its least. Its
/// complaints name partitions; here they come to the very key that is to blame.
/// </summary>
internal static class LayoutCheck
{
    /// <summary>Taken for a partition that is sized by its content, and says no minimum.</summary>
    private const long LeastPartitionBytes = 1 << 20;

    /// <returns>With every partition at its least; null where the layout cannot exist or could not be read.</returns>
    public static Placement? Run(BoardManifest board, YamlMap tree, DiagnosticBag bag)
    {
        if (!IsReadable(board, tree))
            return null;
        var content = board.Partitions.Select(p => p.SizeRule == SizeRule.Fixed ? 0 : p.Size?.Bytes ?? LeastPartitionBytes);
        var request = BoardPlacement.Request(board, [.. content], [.. board.Blobs.Select(b => LongestBytes(b, board))]);
        var placed = DiskPlacement.Place(request);
        foreach (var diagnostic in placed.Diagnostics)
            bag.AddRange([diagnostic with { Span = Place(diagnostic, tree) }]);
        return placed.Value;
    }

    private static long LongestBytes(RawBlob blob, BoardManifest board)
    {
        if (blob.Limit is { } limit)
            return limit.Bytes;
        return blob.RepositoryPath is { } path ? new FileInfo(path).Length : board.SectorBytes;
    }

    // Where a size could not be read there is nothing to calculate with; that size was reported.
    private static bool IsReadable(BoardManifest board, YamlMap tree)
    {
        bool Fits(YamlMap? map, string key) => map?.Find(key) is null || SizeText.Parse(map.Text(key) ?? "", board.SectorBytes) is not null;
        var sized = board.Partitions.All(p => p.SizeRule != SizeRule.Fixed || p.Size is not null);
        return sized
            && (tree.Text("diskSize") is null or "content" or "power-of-two" || board.DiskSize is not null)
            && tree.Maps("partitions").All(p => Fits(p, "offset") && Fits(p, "minimum") && Fits(p, "maximum"))
            && tree.Maps("blobs").All(b => b.Find("offset") is not null && Fits(b, "offset") && Fits(b, "limit"))
            && Fits(tree.Map("table"), "alignment") && Fits(tree.Map("table"), "firstUsable") && Fits(tree.Map("table"), "entriesAt");
    }

    private static SourceSpan? Place(Diagnostic diagnostic, YamlMap tree)
    {
        var owner = tree.Maps("partitions").Concat(tree.Maps("blobs")).Append(tree.Map("table")).FirstOrDefault(m => m?.Span == diagnostic.Span);
        if (owner is null)
            return diagnostic.Span;
        if (diagnostic.Rule == PlacementRules.DiskTooSmall || (diagnostic.Rule == PlacementRules.BadNumber && diagnostic.Message.StartsWith("the size of the disk", StringComparison.Ordinal)))
            return tree.SpanOf("diskSize");
        foreach (var key in Keys(diagnostic.Rule).Where(k => owner.Find(k) is not null))
            return owner.SpanOf(key);
        return owner.Span;
    }

    /// <summary>The keys that a complaint is about, the likeliest first.</summary>
    private static string[] Keys(Rule rule)
    {
        if (rule == PlacementRules.NameTooLong)
            return ["label", "name"];
        if (rule == PlacementRules.MaximumTooSmall)
            return ["maximum"];
        if (rule == PlacementRules.EntryCount)
            return ["entries"];
        if (rule == PlacementRules.EntriesLba)
            return ["entriesAt"];
        if (rule == PlacementRules.FirstUsableInsideTable)
            return ["firstUsable"];
        if (rule == PlacementRules.BadNumber)
            return ["alignment"];
        if (rule == PlacementRules.TooManyForMbr || rule == PlacementRules.TooManyForGpt)
            return [];
        return rule == PlacementRules.TwoRests || rule == PlacementRules.RestTooSmall || rule == PlacementRules.FixedTooSmall
            || rule == PlacementRules.NoRoomBeforeEnd || rule == PlacementRules.PartitionBeyondDisk || rule == PlacementRules.BeyondMbr
            ? ["size"]
            : ["offset", "size"];
    }
}
