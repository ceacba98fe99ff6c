using System.Text;

namespace Pipeline.Engine.Manifests;

/// <summary>User text made fit for one line of a message.</summary>
internal static class Message
{
    private const int MaxQuotedLength = 80;

    /// <summary>Control characters become <c>\u00XX</c>; what is longer than 80 characters is cut.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            if (quoted.Length >= MaxQuotedLength)
                return quoted.Append('…').ToString();
            if (Rune.IsControl(rune))
                quoted.Append($"\\u{rune.Value:X4}");
            else
                quoted.Append(rune.ToString());
        }
        return quoted.ToString();
    }

    /// <summary><c>a, b, c</c>; beyond twelve the rest is counted.</summary>
    public static string List(IEnumerable<string> names)
    {
        const int shown = 12;
        var all = names.ToList();
        return all.Count <= shown ? string.Join(", ", all) : string.Join(", ", all.Take(shown)) + $" and {all.Count - shown} more";
    }
}
