using System.Collections.Immutable;

namespace Pipeline.Core.Diagnostics;

/// <summary>
/// A value, or the complaints why there is none. Warnings may accompany a value; an error means that
/// <see cref="Value"/> must not be used.
/// </summary>
public readonly record struct Result<T>(T? Value, ImmutableArray<Diagnostic> Diagnostics)
{
    public bool IsOk => Diagnostics.IsDefaultOrEmpty || !Diagnostics.Any(d => d.Rule.Severity == Severity.Error);

    public static implicit operator Result<T>(T value) => new(value, []);

    public static Result<T> Failed(params ReadOnlySpan<Diagnostic> diagnostics) => new(default, [.. diagnostics]);

    public static Result<T> Failed(IEnumerable<Diagnostic> diagnostics) => new(default, [.. diagnostics]);
}
