using System.Collections.Immutable;

namespace Pipeline.Core.Diagnostics;

/// <summary>Collects every complaint of a pass, so that a user sees all mistakes in one run. Not thread-safe.</summary>
public sealed class DiagnosticBag
{
    private readonly List<Diagnostic> _diagnostics = [];

    public bool HasErrors => _diagnostics.Exists(d => d.Rule.Severity == Severity.Error);

    public int Count => _diagnostics.Count;

    public void Add(Rule rule, SourceSpan? span, params ReadOnlySpan<object?> arguments) =>
        _diagnostics.Add(Diagnostic.Create(rule, span, arguments));

    public void AddRange(IEnumerable<Diagnostic> diagnostics) => _diagnostics.AddRange(diagnostics);

    public ImmutableArray<Diagnostic> ToImmutable() => [.. _diagnostics];
}
