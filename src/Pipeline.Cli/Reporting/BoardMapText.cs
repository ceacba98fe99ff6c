using System.Globalization;
using System.Text;
using System.Text.Json;
using Pipeline.Engine.Drawing;

namespace Pipeline.Cli.Reporting;

/// <summary>A board's disk on a terminal: a strip from its beginning to its end, and a line for each part of it.</summary>
internal static class BoardMapText
{
    private const int LeastCell = 2;
    private const int LeastWidth = 40;

    /// <param name="width">Columns of the terminal.</param>
    public static string Render(BoardMap map, Paint paint, int width)
    {
        width = Math.Max(LeastWidth, width);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{paint.Strong(map.Name)}: {map.Description}\n");
        text.Append(CultureInfo.InvariantCulture, $"{map.Facts}\n\n");
        text.Append(Strip(map, paint, width));
        text.Append(Rows(map, paint, width));
        if (map.Parts.Any(p => !p.IsCertain))
            text.Append(paint.Faint("dashed: decided when the image is built") + "\n");
        return text.ToString();
    }

    public static void Write(Utf8JsonWriter json, BoardMap map)
    {
        json.WriteString("name", map.Name);
        json.WriteString("table", map.Table);
        json.WriteNumber("sectorBytes", map.SectorBytes);
        json.WriteNumber("alignmentBytes", map.Alignment.Bytes);
        WriteNumber(json, "diskBytes", map.DiskBytes);
        json.WriteStartArray("parts");
        foreach (var part in map.Parts)
        {
            json.WriteStartObject();
            json.WriteString("kind", part.Kind.ToString().ToLowerInvariant());
            json.WriteString("name", part.Name);
            WriteNumber(json, "offsetBytes", part.OffsetBytes);
            WriteNumber(json, "fromEndBytes", part.FromEndBytes);
            WriteNumber(json, "lengthBytes", part.LengthBytes);
            json.WriteString("size", part.Size);
            json.WriteString("detail", part.Detail);
            json.WriteBoolean("inside", part.IsInside);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    /// <summary>Three lines; none where the parts are too many for the width. Numbers stand for names that do not fit.</summary>
    private static string Strip(BoardMap map, Paint paint, int width)
    {
        var parts = map.Parts.Index().Where(p => !p.Item.IsInside).ToList();
        if (MapScale.Share([.. parts.Select(p => MapScale.Weight(p.Item))], LeastCell, width - parts.Count - 1) is not { } cells)
            return "";
        var (top, middle, bottom) = (new StringBuilder("┌"), new StringBuilder("│"), new StringBuilder("└"));
        for (var i = 0; i < cells.Length; i++)
        {
            var (number, part) = parts[i];
            var isLast = i == cells.Length - 1;
            var edge = part.IsCertain ? '─' : '╌';
            top.Append(edge, cells[i]).Append(isLast ? '┐' : '┬');
            middle.Append(Paint(part.Kind, Cell(part, number + 1, cells[i]), paint)).Append('│');
            bottom.Append(edge, cells[i]).Append(isLast ? '┘' : '┴');
        }
        return $"{top}\n{middle}\n{bottom}\n\n";
    }

    private static string Cell(MapPart part, int number, int width)
    {
        var name = part.Name.Length <= width ? part.Name : number.ToString(CultureInfo.InvariantCulture);
        var fill = part.Kind == MapKind.Free ? '·' : ' ';
        return part.Kind == MapKind.Free && width < 2 + part.Name.Length ? new string(fill, width) : name.PadLeft((width + name.Length) / 2, fill).PadRight(width, fill);
    }

    private static string Rows(BoardMap map, Paint paint, int width)
    {
        var rows = new List<string[]> { (string[])["#", "OFFSET", "SIZE", "ALIGNED", "WHAT"] };
        foreach (var (index, part) in map.Parts.Index())
        {
            var what = (part.IsInside ? "  in it: " : "") + part.Name + (part.Detail.Length > 0 ? ", " + part.Detail : "");
            rows.Add([$"{index + 1}", part.Place, part.Size, part.Kind is MapKind.Partition or MapKind.Loader ? part.Alignment?.ToString() ?? "" : "", what]);
        }
        var before = Enumerable.Range(0, 4).Sum(c => rows.Max(r => r[c].Length) + 2);
        foreach (var row in rows.Where(r => before + r[4].Length > width))
            row[4] = row[4][..Math.Clamp(width - before - 1, 1, row[4].Length)] + "…";
        return Text.Table(rows, (row, column, cell) => row == 0 ? paint.Strong(cell) : column == 4 ? Paint(map.Parts[row - 1].Kind, cell, paint) : cell);
    }

    private static string Paint(MapKind kind, string text, Paint paint) => kind switch
    {
        MapKind.Partition => paint.Good(text),
        MapKind.Loader => paint.Change(text),
        MapKind.Free => paint.Faint(text),
        _ => text,
    };

    private static void WriteNumber(Utf8JsonWriter json, string name, long? value)
    {
        if (value is { } number)
            json.WriteNumber(name, number);
        else
            json.WriteNull(name);
    }
}
