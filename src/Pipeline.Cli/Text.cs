using System.Globalization;
using System.Text;

namespace Pipeline.Cli;

/// <summary>Small forms of text for people.</summary>
internal static class Text
{
    /// <summary><c>1 image</c>, <c>2 images</c>.</summary>
    public static string Count(int count, string noun) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {noun}{(count == 1 ? "" : "s")}");

    /// <summary>Columns as wide as their widest cell, two spaces apart, nothing behind the last. <paramref name="paint"/> may colour a cell (row, column, padded text).</summary>
    public static string Table(IReadOnlyList<string[]> rows, Func<int, int, string, string> paint)
    {
        var text = new StringBuilder();
        var columns = rows.Count == 0 ? 0 : rows.Max(r => r.Length);
        var widths = Enumerable.Range(0, columns).Select(c => rows.Max(r => c < r.Length ? r[c].Length : 0)).ToArray();
        foreach (var (number, row) in rows.Index())
        {
            var last = Array.FindLastIndex(row, cell => cell.Length > 0);
            for (var column = 0; column <= last; column++)
                text.Append(paint(number, column, column == last ? row[column] : row[column].PadRight(widths[column]))).Append(column == last ? "" : "  ");
            text.Append('\n');
        }
        return text.ToString();
    }
}
