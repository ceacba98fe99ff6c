using System.Globalization;
using Pipeline.Core.Units;

namespace Pipeline.Cli;

/// <summary>A size as people write it: <c>0</c>, <c>500MiB</c>, <c>5GiB</c>; another number alone is none, because 5 may be meant as 5GiB.</summary>
internal static class SizeArgument
{
    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB"];

    public static bool TryParse(string text, out ByteSize size)
    {
        size = default;
        var digits = text.AsSpan().IndexOfAnyExceptInRange('0', '9') is var end and >= 0 ? end : text.Length;
        var unit = digits == text.Length ? (text.Trim('0').Length == 0 ? 0 : -1) : Array.IndexOf(Units, text[digits..].TrimStart(' '));
        if (unit < 0 || !long.TryParse(text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count > long.MaxValue >> (10 * unit))
            return false;
        size = new(count << (10 * unit));
        return true;
    }
}
