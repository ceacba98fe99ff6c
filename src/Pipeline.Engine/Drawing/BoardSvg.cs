using System.Globalization;
using System.Security;
using System.Text;

namespace Pipeline.Engine.Drawing;

/// <summary>
/// A board's disk as a picture for documents: from top to bottom, in light and in dark, with real text. The same map gives the
/// same bytes.
/// </summary>
public static class BoardSvg
{
    private const int Width = 880;
    private const int Head = 84;
    private const int Foot = 44;
    private const int PlaceRight = 150;
    private const int BoxLeft = 164;
    private const int BoxWidth = 270;
    private const int Inset = 28;
    private const int DetailLeft = 452;
    private const int DetailCharacters = 62;
    private const int LeastHeight = 26;
    private const int MostHeight = 92;
    private const int Gap = 3;
    private const int InnerGap = 7;

    private const string Style = """
        text { font-family: system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; font-size: 13px; fill: #1f2328 }
        .title { font-size: 20px; font-weight: 600 } .faint { fill: #59636e } .mono { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: 12px }
        .name { font-weight: 600; fill: #14181d } .back { fill: #ffffff } .box { stroke: #1f232866; stroke-width: 1 }
        .table { fill: #a5c8ff } .loader { fill: #ffcf8f } .partition { fill: #a9dfb0 } .free { fill: #f0f2f5; stroke-dasharray: none; stroke: #d1d9e0 }
        .open { stroke: #1f2328; stroke-dasharray: 5 4 }
        @media (prefers-color-scheme: dark) {
        text { fill: #e6edf3 } .faint { fill: #9198a1 } .name { fill: #f5f7fa } .back { fill: #0d1117 } .box { stroke: #e6edf366 }
        .table { fill: #1f4b85 } .loader { fill: #7d4e12 } .partition { fill: #1f5c2c } .free { fill: #1a2027; stroke: #3d444d } .open { stroke: #e6edf3 }
        }
        """;

    public static string Draw(BoardMap map)
    {
        var rows = Rows(map).ToList();
        var height = Head + rows.Sum(r => r.Height + Gap) + Foot;
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {height}\" width=\"{Width}\" height=\"{height}\" role=\"img\" aria-labelledby=\"title desc\">\n");
        svg.Append(CultureInfo.InvariantCulture, $"<title id=\"title\">The disk of the board {Text(map.Name)}</title>\n<desc id=\"desc\">{Text(Describe(map))}</desc>\n<style>\n{Style}\n</style>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<rect class=\"back\" width=\"{Width}\" height=\"{height}\"/>\n");
        Write(svg, 16, 32, "title", map.Name);
        Write(svg, 16, 54, "", map.Description);
        Write(svg, 16, 73, "faint", map.Facts);
        var top = Head;
        foreach (var (part, rowHeight, blockHeight) in rows)
        {
            Draw(svg, part, top, rowHeight, blockHeight);
            top += rowHeight + Gap;
        }
        Write(svg, 16, top + 24, "faint", "Heights are not to scale." + (map.Parts.All(p => p.IsCertain) ? "" : " A dashed border: decided when the image is built."));
        return svg.Append("</svg>\n").ToString();
    }

    /// <summary>Each part with the height of its line and of its block: a partition's also reaches behind what lies in it.</summary>
    private static IEnumerable<(MapPart Part, int Height, int BlockHeight)> Rows(BoardMap map)
    {
        for (var i = 0; i < map.Parts.Length; i++)
        {
            var part = map.Parts[i];
            var inside = part.IsInside ? [] : map.Parts.Skip(i + 1).TakeWhile(p => p.IsInside).ToList();
            var height = Height(part);
            var block = inside.Count == 0 ? height : height + inside.Sum(p => Height(p) + Gap) + InnerGap;
            var isLastInside = part.IsInside && (i + 1 == map.Parts.Length || !map.Parts[i + 1].IsInside);
            yield return (part, isLastInside ? height + InnerGap : height, block);
        }
    }

    private static int Height(MapPart part)
    {
        var weight = MapScale.Weight(part);
        return LeastHeight + (int)Math.Round((MostHeight - LeastHeight) * weight * weight, MidpointRounding.AwayFromZero);
    }

    private static void Draw(StringBuilder svg, MapPart part, int top, int rowHeight, int blockHeight)
    {
        var inset = part.IsInside ? Inset : 0;
        var kind = part.Kind.ToString().ToLowerInvariant();
        svg.Append(CultureInfo.InvariantCulture, $"<rect class=\"box {kind}{(part.IsCertain ? "" : " open")}\" x=\"{BoxLeft + inset}\" y=\"{top}\" width=\"{BoxWidth - 2 * inset}\" height=\"{blockHeight}\" rx=\"3\"/>\n");
        var line = top + Math.Min(rowHeight, LeastHeight + 8) / 2 + 4;
        Write(svg, PlaceRight, line, "mono", part.Place, "end");
        Write(svg, BoxLeft + inset + 10, line, part.Kind == MapKind.Free ? "faint" : "name", part.Name);
        Write(svg, BoxLeft + BoxWidth - inset - 10, line, part.Kind == MapKind.Free ? "faint mono" : "mono", part.Size, "end");
        Write(svg, DetailLeft, line, "faint", Cut(part.Detail));
    }

    private static string Describe(BoardMap map) =>
        map.Facts + ". " + string.Join("; ", map.Parts.Where(p => p.Kind != MapKind.Free).Select(p => $"{p.Name} at {p.Place}, {p.Size}")) + ".";

    private static string Cut(string text) => text.Length <= DetailCharacters ? text : text[..(DetailCharacters - 1)] + "…";

    private static void Write(StringBuilder svg, int x, int y, string style, string text, string anchor = "start")
    {
        if (text.Length == 0)
            return;
        var attributes = (style.Length > 0 ? $" class=\"{style}\"" : "") + (anchor == "start" ? "" : $" text-anchor=\"{anchor}\"");
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{x}\" y=\"{y}\"{attributes}>{Text(text)}</text>\n");
    }

    private static string Text(string text) => SecurityElement.Escape(string.Concat(text.Select(c => char.IsControl(c) ? '\uFFFD' : c)))!;
}
