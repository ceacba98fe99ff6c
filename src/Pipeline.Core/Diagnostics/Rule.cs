namespace Pipeline.Core.Diagnostics;

/// <summary>How much a diagnostic weighs: an <see cref="Error"/> stops the image it stands for, a warning does not.</summary>
public enum Severity
{
    Error,
    Warning,
}

/// <summary>One kind of mistake. Codes are never reused; the ranges are in <c>src/README.md</c>.</summary>
/// <param name="Code">Such as <c>PL1004</c>.</param>
/// <param name="Severity">What it weighs.</param>
/// <param name="Format">What is wrong; what to do. A composite format string, no stop at the end.</param>
public sealed record Rule(string Code, Severity Severity, string Format);
