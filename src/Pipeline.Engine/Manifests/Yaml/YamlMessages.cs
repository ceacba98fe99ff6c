using Pipeline.Core.Diagnostics;
using YamlDotNet.Core;

namespace Pipeline.Engine.Manifests.Yaml;

/// <summary>The parser's complaints in the words of a message, and its marks as places.</summary>
internal static class YamlMessages
{
    public static SourceSpan SpanOf(in Mark mark, string file) => new(file, (int)Math.Max(1, mark.Line), (int)Math.Max(1, mark.Column));

    /// <summary>What the parser said, as part of a sentence: no capital, no stop.</summary>
    public static string Plain(YamlException e)
    {
        var said = e.Message.TrimEnd('.', ' ');
        return said.Length == 0
            ? "it cannot be understood from here on; look for a bracket, brace or quote that is not closed"
            : Message.Quote(char.ToLowerInvariant(said[0]) + said[1..]);
    }

    /// <summary>The first tab that indents a line, which YAML forbids and which its scanner reports far away.</summary>
    public static SourceSpan? FindTab(string text, string file)
    {
        var line = 0;
        foreach (var content in text.AsSpan().EnumerateLines())
        {
            line++;
            var indent = content.Length - content.TrimStart(" \t").Length;
            var tab = content[..indent].IndexOf('\t');
            if (tab >= 0 && indent < content.Length)
                return new SourceSpan(file, line, tab + 1);
        }
        return null;
    }

    /// <summary>The first control character that YAML 1.2 §5.1 does not allow in a file.</summary>
    public static SourceSpan? FindControl(string text, string file)
    {
        var (line, column) = (1, 0);
        foreach (var c in text)
        {
            column++;
            if (c == '\n')
                (line, column) = (line + 1, 0);
            else if (char.IsControl(c) && c is not ('\t' or '\r' or '\u0085'))
                return new SourceSpan(file, line, column);
        }
        return null;
    }
}
