using System.Text.Json;
using Pipeline.Engine.Reconciling;

namespace Pipeline.Cli.Reporting;

/// <summary>What a round of reconciling came to: a line for each image, and the sum. Diagnostics were told while it ran.</summary>
internal static class OutcomeText
{
    public static ExitCode Tell(Run run, ReconcileOutcome outcome)
    {
        var results = run.Results;
        if (results.IsJson)
            WriteJson(outcome, results);
        else
            results.WriteText(Render(outcome, results.Paint));
        return (ExitCode)(int)outcome.Status;
    }

    private static string Render(ReconcileOutcome outcome, Paint paint)
    {
        var rows = outcome.Images
            .Where(i => i.Result != ImageResult.Suspended)
            .Select(i => (string[])[i.Image, NameOf(i.Result), i.Release?.Version ?? "", i.Release?.Location ?? ""]).ToList();
        var shown = outcome.Images.Where(i => i.Result != ImageResult.Suspended).ToList();
        return Text.Table(rows, (row, column, cell) => column == 1 ? Coloured(shown[row].Result, cell, paint) : cell) + outcome.Summary;
    }

    /// <summary>One <c>image</c> object each, then a <c>reconciled</c>.</summary>
    private static void WriteJson(ReconcileOutcome outcome, Results results)
    {
        foreach (var image in outcome.Images)
            results.WriteJson("image", json => WriteImage(json, image));
        results.WriteJson("reconciled", json =>
        {
            json.WriteString("status", JsonNamingPolicy.CamelCase.ConvertName(outcome.Status.ToString()));
            json.WriteNumber("exitCode", (int)outcome.Status);
            json.WriteString("summary", outcome.Summary);
        });
    }

    private static void WriteImage(Utf8JsonWriter json, ImageOutcome image)
    {
        json.WriteString("image", image.Image);
        json.WriteString("result", JsonNamingPolicy.CamelCase.ConvertName(image.Result.ToString()));
        json.WriteString("version", image.Release?.Version);
        json.WriteString("location", image.Release?.Location);
        json.WriteStartArray("targets");
        foreach (var step in image.Steps)
        {
            json.WriteStartObject();
            json.WriteString("id", step.Target.Id);
            json.WriteString("state", step.State.ToString().ToLowerInvariant());
            json.WriteStartArray("because");
            foreach (var reason in step.Because)
                json.WriteStringValue(reason.ToString());
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static string NameOf(ImageResult result) =>
        result == ImageResult.ReleasedElsewhere ? "released elsewhere" : result == ImageResult.PartlyReleased ? "partly released" : result.ToString().ToLowerInvariant();

    private static string Coloured(ImageResult result, string cell, Paint paint) => result switch
    {
        ImageResult.Current or ImageResult.Released or ImageResult.ReleasedElsewhere => paint.Good(cell),
        ImageResult.Unreachable or ImageResult.Held => paint.Change(cell),
        _ => paint.Bad(cell),
    };
}
