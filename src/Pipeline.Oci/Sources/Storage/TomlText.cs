using System.Collections.Immutable;

namespace Pipeline.Oci.Sources.Storage;

/// <summary>Texts and lists of texts of a TOML file, by section and key; what else it holds is passed over.</summary>
internal sealed class TomlText
{
    private readonly Dictionary<(string Section, string Key), string> _values = [];

    public static TomlText Read(string toml)
    {
        var found = new TomlText();
        var section = "";
        var pending = "";
        foreach (var raw in toml.Split('\n'))
        {
            var line = pending + WithoutComment(raw).Trim();
            // A list may go on over several lines.
            if (line.Contains('[') && !line.StartsWith('[') && !line.EndsWith(']'))
            {
                pending = line + " ";
                continue;
            }
            pending = "";
            var equals = line.IndexOf('=', StringComparison.Ordinal);
            if (line.StartsWith('['))
                section = line.Trim('[', ']', ' ');
            else if (equals > 0)
                found._values.TryAdd((section, line[..equals].Trim().Trim('"')), line[(equals + 1)..].Trim());
        }
        return found;
    }

    /// <summary>Null where it is not there, or empty.</summary>
    public string? Text(string section, string key) =>
        _values.TryGetValue((section, key), out var value) && value.Trim('"', '\'') is { Length: > 0 } text ? text : null;

    public ImmutableArray<string> Texts(string section, string key) => _values.TryGetValue((section, key), out var value)
        ? [.. value.Trim('[', ']').Split(',').Select(v => v.Trim().Trim('"', '\'')).Where(v => v.Length > 0)]
        : [];

    /// <summary>A number sign inside quotes begins no comment.</summary>
    private static string WithoutComment(string line)
    {
        var quote = '\0';
        for (var i = 0; i < line.Length; i++)
        {
            if (quote == '\0' && line[i] == '#')
                return line[..i];
            if (line[i] is '"' or '\'')
                quote = quote == '\0' ? line[i] : quote == line[i] ? '\0' : quote;
        }
        return line;
    }
}
