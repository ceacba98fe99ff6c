using System.Globalization;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Yaml;

namespace Pipeline.Engine.Manifests.Reading;

/// <summary>Identifiers as people paste them, in the one form that the engine compares.</summary>
internal static class IdentifierText
{
    /// <summary>In lower case with dashes; null when absent or wrong.</summary>
    public static string? ReadGuid(YamlScalar? scalar, DiagnosticBag bag)
    {
        if (scalar is null)
            return null;
        if (Guid.TryParseExact(scalar.Text, "D", out var guid) && guid != Guid.Empty)
            return guid.ToString("D");
        bag.Add(ManifestRules.Identifier, scalar.Span, Message.Quote(scalar.Text), "a GUID; write 8-4-4-4-12 hex digits, not all zero");
        return null;
    }

    /// <summary>Eight hex digits in lower case; null when absent or wrong.</summary>
    public static string? ReadHex32(YamlScalar? scalar, DiagnosticBag bag)
    {
        if (scalar is null)
            return null;
        var digits = scalar.Text.StartsWith("0x", StringComparison.Ordinal) ? scalar.Text[2..] : scalar.Text;
        if (digits.Length == 8 && uint.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) && value != 0)
            return value.ToString("x8", CultureInfo.InvariantCulture);
        bag.Add(ManifestRules.Identifier, scalar.Span, Message.Quote(scalar.Text), "a 32-bit identifier; write eight hex digits, not all zero");
        return null;
    }
}
