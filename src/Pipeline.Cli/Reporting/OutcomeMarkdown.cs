using System.Text;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Publishing.Changelog;
using Pipeline.Engine.Reconciling;

namespace Pipeline.Cli.Reporting;

/// <summary>What a round came to, for the summary of a job: what was done first, and what was said of it.</summary>
internal static class OutcomeMarkdown
{
    private const int MaxRows = 1000;
    private const int MaxComplaints = 200;

    public static string Render(ReconcileOutcome outcome)
    {
        var text = new StringBuilder("### Reconcile: ").Append(Markdown.Escape(outcome.Summary)).Append("\n\n");
        var shown = outcome.Images.Where(i => i.Result is not (ImageResult.Current or ImageResult.Suspended)).ToList();
        if (shown.Count > 0)
            text.Append("| image | result | release |\n| --- | --- | --- |\n");
        foreach (var image in shown.Take(MaxRows))
            text.Append("| ").Append(Markdown.Escape(image.Image)).Append(" | **").Append(NameOf(image.Result)).Append("** | ").Append(Release(image)).Append(" |\n");
        if (shown.Count > MaxRows)
            text.Append("\n… and ").Append(shown.Count - MaxRows).Append(" more; the log has them all.\n");
        foreach (var diagnostic in outcome.Diagnostics.Concat(outcome.Images.SelectMany(i => i.Diagnostics)).Distinct().Take(MaxComplaints))
            text.Append("\n- ").Append(diagnostic.Rule.Severity == Severity.Error ? "**error** " : "warning ").Append(diagnostic.Rule.Code).Append(": ").Append(Markdown.Escape(diagnostic.Message));
        return text.Append('\n').ToString();
    }

    private static string Release(ImageOutcome image) => image.Release switch
    {
        null => "",
        { Location: var location, Version: var version } when location.StartsWith("https://", StringComparison.Ordinal) && Uri.TryCreate(location, UriKind.Absolute, out var uri) => $"[{Markdown.Escape(version)}]({uri.AbsoluteUri})",
        { Version: var version } => Markdown.Escape(version),
    };

    private static string NameOf(ImageResult result) =>
        result == ImageResult.ReleasedElsewhere ? "released elsewhere" : result.ToString().ToLowerInvariant();
}
