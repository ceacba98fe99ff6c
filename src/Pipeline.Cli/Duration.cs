using System.CommandLine.Parsing;
using System.Globalization;

namespace Pipeline.Cli;

/// <summary>A time span as people write it: <c>90s</c>, <c>15m</c>, <c>6h</c>, <c>1d</c>.</summary>
internal static class Duration
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(30);

    public static TimeSpan Parse(ArgumentResult result)
    {
        var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
        if (TryParse(text, out var span))
            return span;
        result.AddError($"'{text}' is not a time, expected a number and s, m, h or d, such as 15m, at most 30d");
        return default;
    }

    public static bool TryParse(string text, out TimeSpan span)
    {
        span = default;
        if (text.Length < 2 || !int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
            return false;
        var seconds = text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86400, _ => 0 };
        if (seconds == 0 || count == 0 || (long)count * seconds > Longest.TotalSeconds)
            return false;
        span = TimeSpan.FromSeconds((long)count * seconds);
        return true;
    }
}
