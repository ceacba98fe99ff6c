using System.Globalization;
using System.Text.RegularExpressions;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Units;
using Pipeline.Engine.Manifests.Yaml;

namespace Pipeline.Engine.Manifests.Reading;

/// <summary>
/// Sizes and offsets as people write them: <c>512MiB</c>, <c>1.5GiB</c> (powers of 1024), <c>100MB</c> (powers of 1000),
/// <c>440B</c>, <c>sector 64</c>. A number without a unit is refused, whatever it was meant to be.
/// </summary>
internal static partial class SizeText
{
    /// <summary>One exbibyte: more than any medium, small enough for every sum.</summary>
    private const long MaxBytes = 1L << 60;

    /// <summary>Null when absent or wrong; what is wrong is in <paramref name="bag"/>.</summary>
    public static ByteSize? Read(YamlScalar? scalar, int sectorBytes, DiagnosticBag bag)
    {
        if (scalar is null)
            return null;
        var text = scalar.Text.Trim();
        if (Parse(text, sectorBytes) is { } bytes)
            return new ByteSize(bytes);
        if (BareNumber().IsMatch(text))
            bag.Add(ManifestRules.SizeWithoutUnit, scalar.Span, Message.Quote(text));
        else
            bag.Add(ManifestRules.SizeNotUnderstood, scalar.Span, Message.Quote(text), Advice(text));
        return null;
    }

    /// <summary>Bytes, or null: not of this form, not a whole number of bytes, or beyond an exbibyte.</summary>
    public static long? Parse(string text, int sectorBytes)
    {
        if (Sector().Match(text) is { Success: true } sector)
            return Whole(decimal.Parse(sector.Groups[1].ValueSpan, CultureInfo.InvariantCulture) * sectorBytes);
        if (Size().Match(text) is not { Success: true } match)
            return null;
        var unit = match.Groups[2].Value;
        var power = "KMGT".IndexOf(char.ToUpperInvariant(unit[0]), StringComparison.Ordinal) + 1;
        var step = unit.EndsWith("iB", StringComparison.Ordinal) ? 1024m : 1000m;
        var factor = 1m;
        for (var i = 0; i < power; i++)
            factor *= step;
        return Whole(decimal.Parse(match.Groups[1].ValueSpan, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture) * factor);
    }

    private static long? Whole(decimal bytes) => bytes <= MaxBytes && bytes == decimal.Truncate(bytes) ? (long)bytes : null;

    private static string Advice(string text)
    {
        if (ShortUnit().Match(text) is not { Success: true } match)
            return "";
        var number = match.Groups[1].Value;
        var letter = char.ToUpperInvariant(match.Groups[2].Value[0]);
        return $" (here '{number}{letter}iB' or '{number}{(letter == 'K' ? 'k' : letter)}B')";
    }

    [GeneratedRegex(@"\A([0-9]{1,15}(?:\.[0-9]{1,9})?) ?(B|[KMGT]iB|kB|[MGT]B)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Size();

    [GeneratedRegex(@"\Asector ([0-9]{1,15})\z", RegexOptions.CultureInvariant)]
    private static partial Regex Sector();

    [GeneratedRegex(@"\A[0-9]{1,18}\z", RegexOptions.CultureInvariant)]
    private static partial Regex BareNumber();

    [GeneratedRegex(@"\A([0-9.]{1,18}) ?([kKmMgGtT])(b|B|ib|iB|IB)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex ShortUnit();
}
