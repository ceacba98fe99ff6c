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
        if (said.Contains("tab", StringComparison.OrdinalIgnoreCase))
            return "a tab indents this line; YAML is indented with spaces only";
        return said.Length == 0 ? "this text is not YAML" : Message.Quote(char.ToLowerInvariant(said[0]) + said[1..]);
    }
}
