using System.Text;
using Pipeline.Engine.Planning;
using Pipeline.Engine.Publishing.Changelog;

namespace Pipeline.Cli.Reporting;

/// <summary>A plan for the summary of a job and for a comment on a pull request.</summary>
internal static class PlanMarkdown
{
    /// <summary>GitHub takes 1 MiB of UTF-8 a step; a character has up to three bytes of it.</summary>
    public const int SummaryCharacters = 300_000;

    /// <param name="maxCharacters">Rows that do not fit are counted instead.</param>
    public static string Render(PlanSummary plan, int maxCharacters)
    {
        var text = new StringBuilder("### ").Append(Title(plan)).Append("\n\n");
        var shown = plan.Rows.Where(r => r.State is not (TargetState.Current or TargetState.Suspended)).ToList();
        var rest = plan.Rows.Length - shown.Count;
        var room = maxCharacters - 400 - text.Length;
        if (shown.Count + plan.InvalidImages.Length > 0)
            room = Table(text, shown, plan, room);
        foreach (var id in plan.Retired.Take(20))
            text.Append(Markdown.Escape(id)).Append(" is no longer asked for; the image's next release leaves it out.\n");
        foreach (var row in plan.Behind.Take(20))
            text.Append("\n- ").Append(Markdown.Escape(row.Name)).Append(" has moved on: ").Append(Markdown.Escape(row.Pinned)).Append(" → ").Append(Markdown.Escape(row.Newest)).Append("; `pipeline update` takes it\n");
        if (rest > 0 && room > 0)
            text.Append("\n<details><summary>").Append(Text.Count(rest, "target")).Append(" that nothing happens to</summary>\n\n").Append(Names(plan, room)).Append("\n</details>\n");
        return text.ToString();
    }

    private static string Title(PlanSummary plan)
    {
        var counts = plan.Rows.Select(r => r.State).Concat(plan.InvalidImages.Select(_ => TargetState.Invalid)).GroupBy(s => s).OrderBy(g => g.Key)
            .Select(g => $"{g.Count()} {NameOf(g.Key)}").ToList();
        return counts.Count == 0 ? "Plan: no targets" : $"Plan: {Text.Count(plan.Rows.Length, "target")}: {string.Join(", ", counts)}";
    }

    private static int Table(StringBuilder text, List<PlanRow> rows, PlanSummary plan, int room)
    {
        text.Append("| image | board | output | state | because |\n| --- | --- | --- | --- | --- |\n");
        var lines = plan.InvalidImages.Select(i => $"| {Markdown.Escape(i)} | | | **invalid** | its manifest or pipeline.yaml has mistakes |\n")
            .Concat(rows.Select(r => $"| {Markdown.Escape(r.Image)} | {Markdown.Escape(r.Board)} | {Markdown.Escape(r.Output)} | **{NameOf(r.State)}** | {string.Join("<br>", r.Because.Select(Markdown.Escape))} |\n"))
            .ToList();
        for (var i = 0; i < lines.Count; i++)
        {
            if ((room -= lines[i].Length) < 0)
            {
                text.Append("\n… and ").Append(lines.Count - i).Append(" more; the log has them all.\n");
                break;
            }
            text.Append(lines[i]);
        }
        return room;
    }

    private static string Names(PlanSummary plan, int room)
    {
        var names = new StringBuilder();
        foreach (var row in plan.Rows.Where(r => r.State is TargetState.Current or TargetState.Suspended))
        {
            var line = $"- {Markdown.Escape(row.Image)} / {Markdown.Escape(row.Board)} / {Markdown.Escape(row.Output)}: {NameOf(row.State)}\n";
            if (names.Length + line.Length > room)
                return names.Append("- …\n").ToString();
            names.Append(line);
        }
        return names.ToString();
    }

    private static string NameOf(TargetState state) => state.ToString().ToLowerInvariant();
}
