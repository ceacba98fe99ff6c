using System.Collections.Concurrent;
using System.Reflection;
using System.Text;
using Pipeline.Core.Diagnostics;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Manifests;

/// <summary>Each mistake is reported by its code at its place, and nothing else is.</summary>
public sealed class MistakesTests
{
    private static readonly ConcurrentDictionary<string, IReadOnlyList<Diagnostic>> Known = new();

    public static TheoryData<string> Titles => [.. MistakeTable.All.Select(m => m.Title)];

    [Fact]
    public void The_repository_without_a_mistake_has_none()
    {
        using var repository = new ManifestRepository();

        var result = repository.Read();

        result.Diagnostics.Select(d => d.ToString()).ShouldBeEmpty();
        result.Value!.Images.Select(i => i.Name).ShouldBe(["kiosk"]);
    }

    [Theory]
    [MemberData(nameof(Titles))]
    public void Mistake(string title)
    {
        var mistake = MistakeTable.All.Single(m => m.Title == title);
        var diagnostics = Read(mistake);
        var found = string.Join(", ", diagnostics.Select(d => d.Span is { } span ? $"{d.Rule.Code} {span.Line}:{span.Column}" : d.Rule.Code));

        found.ShouldBe(mistake.Expected, string.Join('\n', diagnostics));
    }

    [Fact]
    public void All_that_is_printed()
    {
        var text = new StringBuilder();
        foreach (var mistake in MistakeTable.All)
        {
            text.Append($"# {mistake.Title}\n");
            foreach (var diagnostic in Read(mistake))
                text.Append(DiagnosticFormat.Human(diagnostic)).Append('\n');
        }
        Golden.Match("mistakes.txt", text.ToString());
    }

    [Fact]
    public void The_table_of_the_readme_is_what_is_printed()
    {
        var shown = MistakeTable.All.Where(m => m.InTable).ToList();
        var table = new StringBuilder("| mistake | written | printed |\n| --- | --- | --- |\n");
        foreach (var mistake in shown)
        {
            var written = mistake.New.Length > 0 ? mistake.New : "(without) " + mistake.Old;
            table.Append($"| {mistake.Title} | {Code(written)} | {string.Join("<br>", Read(mistake).Where(d => d.Rule.Severity == Severity.Error).Select(d => Code(DiagnosticFormat.Human(d))))} |\n");
        }

        shown.Count.ShouldBe(25);
        Documents.MatchPart("README.md", "mistakes", table.ToString());
    }

    [Fact]
    public void Every_rule_of_manifests_has_a_mistake()
    {
        var raised = MistakeTable.All.SelectMany(Read).Select(d => d.Rule.Code).ToHashSet();
        var rules = typeof(ManifestRules).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Concat(typeof(Checks.RomRules).GetFields(BindingFlags.Public | BindingFlags.Static)).Concat(typeof(Policies.PolicyRules).GetFields(BindingFlags.Public | BindingFlags.Static)).Select(f => (Rule)f.GetValue(null)!);

        // Raised where there is no repository at all: WorkspaceReaderTests.
        rules.Select(r => r.Code).Where(c => !raised.Contains(c)).ShouldBe([ManifestRules.NoRepository.Code]);
    }

    [Fact]
    public void Mistakes_never_tell_secrets()
    {
        var secret = MistakeTable.All.Single(m => m.Title == "a password instead of its hash");

        Read(secret).ShouldAllBe(d => !d.Message.Contains("secret", StringComparison.Ordinal));
    }

    private static string Code(string text) =>
        "`" + text.Trim('\n', ' ').Replace("\n", " ⏎ ", StringComparison.Ordinal).Replace("\t", "⇥", StringComparison.Ordinal).Replace("`", "'", StringComparison.Ordinal).Replace("|", "\\|", StringComparison.Ordinal) + "`";

    private static IReadOnlyList<Diagnostic> Read(Mistake mistake) => Known.GetOrAdd(mistake.Title, _ => ReadAnew(mistake));

    private static IReadOnlyList<Diagnostic> ReadAnew(Mistake mistake)
    {
        using var repository = new ManifestRepository();
        foreach (var (file, text) in mistake.With)
            repository.Write(file, text);
        return repository.Edit(mistake.File, mistake.Old, mistake.New).Read().Diagnostics;
    }
}
