using System.Collections.Immutable;
using System.Text;
using Pipeline.Engine.Planning;

namespace Pipeline.Engine.Publishing.Changelog;

/// <summary>The part of the release text that says what the images stand on, before and now.</summary>
internal static class BaseSection
{
    private const string Handed = " (of the image it was made from)";

    private static readonly ImmutableArray<(string Input, string Title)> Rows =
    [
        (InputNames.SourceReference, "reference"),
        (InputNames.SourceManifest, "manifest"),
        (InputNames.SourceIndex, "index"),
    ];

    /// <summary>Empty where nothing is known.</summary>
    public static string Write(ReleaseNotesInput input)
    {
        var tables = (from target in input.New.Targets.Values
                      let old = input.Old?.Targets.GetValueOrDefault(target.Id)
                      group target.Id by Table(old?.Inputs, target.Inputs, Inherited(input, target.Id)) into sameBase
                      where sameBase.Key.Length > 0
                      select sameBase).ToList();
        var text = new StringBuilder();
        foreach (var table in tables)
        {
            if (text.Length > 0)
                text.Append('\n');
            if (tables.Count > 1)
                text.Append($"{string.Join(", ", table.Select(Markdown.Code))}:\n\n");
            text.Append(table.Key);
        }
        return text.ToString().TrimEnd('\n');
    }

    /// <summary>Two columns for what has no past, three for what has; empty where nothing is known of the source.</summary>
    private static string Table(BuildInputs? old, BuildInputs now, ImmutableArray<string> inherited)
    {
        var labels = Names(now).Concat(old is null ? [] : Names(old))
            .Where(n => n.StartsWith(InputNames.SourceLabelPrefix, StringComparison.Ordinal))
            .Distinct().Order(StringComparer.Ordinal)
            .Select(n => (Input: n, Title: n[InputNames.SourceLabelPrefix.Length..]))
            .Select(l => inherited.Contains(l.Title) ? (l.Input, l.Title + Handed) : l);
        var rows = new StringBuilder();
        foreach (var (name, title) in Rows.Concat(labels))
        {
            var (before, after) = (Find(old, name), Find(now, name));
            if (before is not null || after is not null)
                rows.Append($"| {Markdown.Escape(title)} | {(old is null ? "" : Cell(before) + " | ")}{(before == after ? "same" : Cell(after))} |\n");
        }
        var head = old is null ? "|  | now |\n| --- | --- |\n" : "|  | before | now |\n| --- | --- | --- |\n";
        return rows.Length == 0 ? "" : head + rows;
    }

    /// <summary>Labels that say something of the container's own base, and not of the container.</summary>
    private static ImmutableArray<string> Inherited(ReleaseNotesInput input, string target) =>
        input.Platforms.FirstOrDefault(p => p.Targets.Contains(target))?.New.InheritedLabels ?? [];

    /// <summary>Digests stand here whole, so that people can pull what they read.</summary>
    private static string Cell(string? value) => value is null ? "(none)" : Markdown.CodeCell(value);

    private static IEnumerable<string> Names(BuildInputs inputs) => inputs.Observed.Keys;

    private static string? Find(BuildInputs? inputs, string name) =>
        inputs?.Deciding.GetValueOrDefault(name) ?? inputs?.Observed.GetValueOrDefault(name);
}
