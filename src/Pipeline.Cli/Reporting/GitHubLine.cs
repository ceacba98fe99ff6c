using Pipeline.Core.Diagnostics;

namespace Pipeline.Cli.Reporting;

/// <summary>Annotations name files from the top of the git repository; diagnostics name them from that of the manifests, which may lie below.</summary>
internal static class GitHubLine
{
    /// <param name="repositoryPath">Where the manifests are; absolute.</param>
    public static DiagnosticLine For(string repositoryPath)
    {
        var below = Places.GitTopOf(repositoryPath) is { } top ? Path.GetRelativePath(top, repositoryPath).Replace('\\', '/') : ".";
        return diagnostic => DiagnosticFormat.GitHub(
            below != "." && diagnostic.Span is { } span && !Path.IsPathRooted(span.File) && !span.File.StartsWith('(')
                ? diagnostic with { Span = span with { File = $"{below}/{span.File}" } }
                : diagnostic);
    }
}
