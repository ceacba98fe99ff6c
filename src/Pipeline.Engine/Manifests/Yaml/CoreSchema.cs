using System.Text.RegularExpressions;

namespace Pipeline.Engine.Manifests.Yaml;

/// <summary>What a plain scalar means. YAML 1.2.2 §10.3.2 (core schema), but a number with a leading zero is text (modes).</summary>
internal static partial class CoreSchema
{
    public static ScalarKind KindOf(string plain)
    {
        if (plain is "" or "~" or "null" or "Null" or "NULL")
            return ScalarKind.Null;
        if (plain is "true" or "True" or "TRUE" or "false" or "False" or "FALSE")
            return ScalarKind.Boolean;
        if (Integer().IsMatch(plain))
            return ScalarKind.Integer;
        return Real().IsMatch(plain) ? ScalarKind.Real : ScalarKind.Text;
    }

    [GeneratedRegex("^[-+]?(0|[1-9][0-9]{0,17})$", RegexOptions.CultureInvariant)]
    private static partial Regex Integer();

    [GeneratedRegex(@"^[-+]?(0|[1-9][0-9]{0,17})\.[0-9]{1,18}$", RegexOptions.CultureInvariant)]
    private static partial Regex Real();
}
