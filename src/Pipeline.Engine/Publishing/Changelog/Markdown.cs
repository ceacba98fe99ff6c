using System.Text;

namespace Pipeline.Engine.Publishing.Changelog;

/// <summary>Texts of other people inside Markdown: nothing in them may format, link, mention or break a table.</summary>
public static class Markdown
{
    public const int LineLimit = 200;

    /// <summary>Plain text in one line; longer texts are cut.</summary>
    public static string Escape(string text)
    {
        var escaped = new StringBuilder();
        foreach (var c in OneLine(text))
        {
            escaped.Append(c switch
            {
                '<' => "&lt;",
                '>' => "&gt;",
                '&' => "&amp;",
                '@' => "&#64;",
                '#' => "&#35;",
                '\\' or '`' or '*' or '_' or '[' or ']' or '|' or '~' or '$' => $"\\{c}",
                _ => c.ToString(),
            });
        }
        return escaped.ToString();
    }

    /// <summary>A value as code, outside of tables.</summary>
    public static string Code(string text) => "`" + OneLine(text).Replace('`', '\'') + "`";

    /// <summary>A value as code in a table, where a bar would end the cell.</summary>
    public static string CodeCell(string text) => Code(text).Replace("|", "\\|", StringComparison.Ordinal);

    private static string OneLine(string text)
    {
        var line = string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c)).Trim();
        return line.Length <= LineLimit ? line : line[..LineLimit] + "…";
    }
}
