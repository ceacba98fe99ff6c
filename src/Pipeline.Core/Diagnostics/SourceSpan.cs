namespace Pipeline.Core.Diagnostics;

/// <summary>A place in a file that a user wrote. <paramref name="Line"/> and <paramref name="Column"/> count from 1.</summary>
/// <param name="File">Relative to the repository, with forward slashes.</param>
public sealed record SourceSpan(string File, int Line, int Column)
{
    public override string ToString() => $"{File}:{Line}:{Column}";
}

/// <summary>A value together with the place where the user wrote it; the place is null for a default or derived value.</summary>
public readonly record struct Located<T>(T Value, SourceSpan? Span);
