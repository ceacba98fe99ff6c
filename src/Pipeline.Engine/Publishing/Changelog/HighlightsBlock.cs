using System.Collections.Immutable;
using System.Text;
using Pipeline.Engine.Inventories.Changes;
using Pipeline.Engine.Publishing.Packages;

namespace Pipeline.Engine.Publishing.Changelog;

/// <summary>The packages that people look for first, where they changed.</summary>
internal static class HighlightsBlock
{
    private const int LimitRows = 60;

    public static string Write(ReleaseNotesInput input)
    {
        var known = input.Platforms.Where(p => p.Past == Past.Known).ToList();
        var rows = known.SelectMany(p => Rows(p, input.Highlights).Select(r => (Row: r, p.Platform)))
            .GroupBy(r => r.Row, r => r.Platform).ToList();
        if (rows.Count == 0)
            return "";
        var text = new StringBuilder("|  | before | now |\n| --- | --- | --- |");
        foreach (var row in rows.OrderBy(r => r.Key.Order).Take(LimitRows))
        {
            var where = known.Count > row.Count() ? $" ({string.Join(", ", row)})" : "";
            text.Append($"\n| {row.Key.What}{where} | {row.Key.Before} | {row.Key.Now} |");
        }
        if (rows.Count > LimitRows)
            text.Append($"\n| and {rows.Count - LimitRows} more |  |  |");
        return text.ToString();
    }

    private sealed record Row(int Order, string What, string Before, string Now);

    private static IEnumerable<Row> Rows(PlatformPackages platform, ImmutableArray<string> chosen)
    {
        var (old, now) = (platform.Old!.Kernels, platform.New.Kernels);
        if (!old.SequenceEqual(now, StringComparer.Ordinal))
            yield return new(0, "kernel", Codes(old), Codes(now));
        var order = 1;
        foreach (var group in Inventories.Changes.Highlights.Groups)
        {
            foreach (var row in SourceRow.Group(platform.Changes.Where(c => Inventories.Changes.Highlights.GroupOf(c.Name, chosen) == group)))
                yield return new(order++, $"{group}: {PackageRow.Name(row)}", PackageRow.Versions(row.Old), PackageRow.Now(row));
        }
    }

    private static string Codes(ImmutableArray<string> kernels) =>
        kernels.IsEmpty ? "(none)" : string.Join(", ", kernels.Select(Markdown.CodeCell));
}
