using System.Text;
using Pipeline.Engine.Planning;

namespace Pipeline.Engine.Publishing.Changelog;

/// <summary>What changed in the manifest and its boards, in words, with the values before and now.</summary>
internal static class DifferencesBlock
{
    private const int LimitRows = 100;

    /// <summary>Empty where nothing did.</summary>
    public static string Write(ReleaseNotesInput input)
    {
        var tables = (from target in input.New.Targets.Values
                      let old = input.Old?.Targets.GetValueOrDefault(target.Id)
                      where old is not null && input.Reasons.ContainsKey(target.Id)
                      group target.Id by Table(old, target) into same
                      where same.Key.Length > 0
                      select same).ToList();
        var text = new StringBuilder();
        foreach (var table in tables)
        {
            if (text.Length > 0)
                text.Append("\n\n");
            if (tables.Count > 1 || input.New.Targets.Count > 1)
                text.Append($"{string.Join(", ", table.Select(Markdown.Code))}:\n\n");
            text.Append(table.Key);
        }
        return text.ToString();
    }

    /// <summary>What the source is, is told with the base.</summary>
    private static string Table(PublishedTarget old, PublishedTarget now)
    {
        var changes = Planner.Differences(old.Inputs.Deciding, now.Inputs.Deciding).Where(r => r.Input != InputNames.SourceManifest).ToList();
        if (changes.Count == 0)
            return "";
        var text = new StringBuilder("| setting | before | now |\n| --- | --- | --- |");
        foreach (var change in changes.Take(LimitRows))
        {
            var words = InputWords.Of(change.Input, n => now.Inputs.Deciding.GetValueOrDefault(n) ?? old.Inputs.Deciding.GetValueOrDefault(n));
            text.Append($"\n| {Markdown.Escape(words)} | {Cell(change.Old)} | {Cell(change.New)} |");
        }
        if (changes.Count > LimitRows)
            text.Append($"\n| and {changes.Count - LimitRows} more |  |  |");
        return text.ToString();
    }

    private static string Cell(string? value) => value is null ? "(none)" : Markdown.CodeCell(Reason.Show(value));
}
