using System.Text;
using System.Text.RegularExpressions;
using Shouldly;

namespace Pipeline.Kit;

/// <summary>
/// The documents of the repository: README.md, docs/, and what lies beside the code. Parts that a test makes stand between
/// <c>&lt;!-- NAME: begin, made by a test --&gt;</c> and <c>&lt;!-- NAME: end --&gt;</c>; <c>PIPELINE_UPDATE_GOLDEN=1</c> rewrites them.
/// </summary>
public static partial class Documents
{
    /// <summary>Folders whose Markdown is not ours to judge: goldens, what is built, what is released.</summary>
    private static readonly string[] Foreign = [".git", ".artifacts", ".bench", ".pipeline", "releases", "golden", "obj", "bin"];

    public static string RootPath { get; } = FindRoot();

    /// <summary>Relative to the repository, with '/', in order.</summary>
    public static IReadOnlyList<string> All =>
        [.. Below(RootPath).Select(p => Path.GetRelativePath(RootPath, p)).Order(StringComparer.Ordinal)];

    public static string Text(string document) => File.ReadAllText(Path.Combine(RootPath, document));

    /// <summary>Compares <paramref name="actual"/> with the part of the document, or puts it there.</summary>
    public static void MatchPart(string document, string part, string actual)
    {
        var text = Text(document);
        var begin = $"<!-- {part}: begin, made by a test -->\n";
        var end = $"<!-- {part}: end -->\n";
        var first = text.IndexOf(begin, StringComparison.Ordinal);
        var last = text.IndexOf(end, StringComparison.Ordinal);
        (first >= 0 && last > first).ShouldBeTrue($"{document} has no part between {begin.Trim()} and {end.Trim()}");
        first += begin.Length;
        if (Environment.GetEnvironmentVariable("PIPELINE_UPDATE_GOLDEN") == "1")
            File.WriteAllText(Path.Combine(RootPath, document), text[..first] + actual + text[last..], new UTF8Encoding(false));
        else
            text[first..last].ShouldBe(actual, $"the part '{part}' of {document} differs; PIPELINE_UPDATE_GOLDEN=1 rewrites it");
    }

    /// <summary>Targets of links without their fragment; addresses elsewhere and places in the same document are left out.</summary>
    public static IEnumerable<string> LocalLinks(string text) =>
        Link().Matches(Fence().Replace(text, "")).Select(m => m.Groups[1].Value).Where(t => !t.Contains("://", StringComparison.Ordinal) && !t.StartsWith('#')).Select(t => t.Split('#')[0]);

    private static IEnumerable<string> Below(string directory) =>
        Directory.EnumerateFiles(directory, "*.md").Concat(
            Directory.EnumerateDirectories(directory).Where(d => !Foreign.Contains(Path.GetFileName(d))).SelectMany(Below));

    private static string FindRoot()
    {
        var directory = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(directory, "Pipeline.sln")))
            directory = Path.GetDirectoryName(directory) ?? throw new InvalidOperationException("the tests run outside of the repository");
        return directory;
    }

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("^ *```.*?^ *```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Fence();
}
