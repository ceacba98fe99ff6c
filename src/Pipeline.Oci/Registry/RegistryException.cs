using System.Globalization;
using Pipeline.Core.Diagnostics;

namespace Pipeline.Oci.Registry;

/// <summary>A registry's refusal on its way up through the calls; the source turns it into a diagnostic with its place.</summary>
internal sealed class RegistryException(Rule rule, params object?[] arguments)
    : Exception(string.Format(CultureInfo.InvariantCulture, rule.Format, arguments))
{
    public Rule Rule => rule;

    public Diagnostic At(SourceSpan? span) => new(rule, span, Message);
}
