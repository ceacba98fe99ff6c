using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;

namespace Pipeline.Engine.Manifests;

/// <summary>The order in which people read: by file, line, column. What is said twice is said once.</summary>
internal static class DiagnosticOrder
{
    // A schema can only say that a text has the wrong form; where a check says more about the same text, that is enough.
    private static readonly HashSet<Rule> General = [ManifestRules.WrongForm, ManifestRules.NotAllowed, ManifestRules.WrongType];

    public static ImmutableArray<Diagnostic> Sort(ImmutableArray<Diagnostic> diagnostics)
    {
        var explained = diagnostics.Where(d => d.Span is not null && !General.Contains(d.Rule)).Select(d => d.Span).ToHashSet();
        return
        [
            .. diagnostics
                .Where(d => !General.Contains(d.Rule) || !explained.Contains(d.Span))
                .Distinct()
                .OrderBy(d => d.Span?.File, StringComparer.Ordinal)
                .ThenBy(d => d.Span?.Line)
                .ThenBy(d => d.Span?.Column)
                .ThenBy(d => d.Rule.Code, StringComparer.Ordinal)
                .ThenBy(d => d.Message, StringComparer.Ordinal),
        ];
    }
}
