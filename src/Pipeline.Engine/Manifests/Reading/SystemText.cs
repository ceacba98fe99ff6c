using System.Text.RegularExpressions;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Yaml;

namespace Pipeline.Engine.Manifests.Reading;

/// <summary>Small values of a system: host name, locale, time zone, label names. Their form is checked; whether the source has that locale is not.</summary>
internal static partial class SystemText
{
    private const int MaxHostnameLength = 64;

    public static string? Hostname(YamlScalar? scalar, DiagnosticBag bag)
    {
        if (scalar is null)
            return null;
        var text = scalar.Text;
        if (text.Length <= MaxHostnameLength && text.Split('.').All(part => HostnamePart().IsMatch(part)))
            return text;
        bag.Add(ManifestRules.Hostname, scalar.Span, Message.Quote(text));
        return null;
    }

    public static string? Locale(YamlScalar? scalar, DiagnosticBag bag) => Check(scalar, LocaleName(), ManifestRules.Locale, bag);

    public static string? Timezone(YamlScalar? scalar, DiagnosticBag bag) => Check(scalar, TimezoneName(), ManifestRules.Timezone, bag);

    public static bool IsLabelName(string text) => LabelName().IsMatch(text);

    public static bool IsFileName(string text) => ManifestName().IsMatch(text);

    private static string? Check(YamlScalar? scalar, Regex form, Rule rule, DiagnosticBag bag)
    {
        if (scalar is null || form.IsMatch(scalar.Text))
            return scalar?.Text;
        bag.Add(rule, scalar.Span, Message.Quote(scalar.Text));
        return null;
    }

    [GeneratedRegex(@"\A[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex HostnamePart();

    [GeneratedRegex(@"\A((C|POSIX)(\.(UTF-8|utf8))?|[a-z]{2,3}(_[A-Z]{2})?(\.[A-Za-z0-9-]{1,20})?(@[a-z]{1,20})?)\z", RegexOptions.CultureInvariant)]
    private static partial Regex LocaleName();

    [GeneratedRegex(@"\A(UTC|UCT|GMT|Zulu|Universal|Greenwich|[A-Z]{3}([0-9][A-Z]{3})?|(Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Brazil|Canada|Chile|Etc|Europe|Indian|Mexico|Pacific|US)(/[A-Z0-9][A-Za-z0-9_+-]{0,30}){1,2})\z", RegexOptions.CultureInvariant)]
    private static partial Regex TimezoneName();

    [GeneratedRegex(@"\A[A-Za-z0-9]([A-Za-z0-9._/-]{0,126}[A-Za-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex LabelName();

    [GeneratedRegex(@"\A[a-z0-9]([a-z0-9._-]{0,62}[a-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex ManifestName();
}
