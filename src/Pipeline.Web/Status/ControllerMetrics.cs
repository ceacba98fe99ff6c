using Pipeline.Engine.Planning;
using Pipeline.Engine.Reconciling;
using Pipeline.Web.Hooks;

namespace Pipeline.Web.Status;

/// <summary>What <c>/metrics</c> tells.</summary>
internal static class ControllerMetrics
{
    public static string Render(RoundLog rounds, HookCounts hooks)
    {
        var text = new PrometheusText().Family("pipeline_rounds_total", "counter", "Rounds of reconciling, by how they ended.");
        foreach (var status in Enum.GetValues<ReconcileStatus>())
            text.Sample("pipeline_rounds_total", rounds.Counts.GetValueOrDefault(status), ("status", Snake(status.ToString())));
        text.Family("pipeline_round_seconds_total", "counter", "Time spent in rounds.").Sample("pipeline_round_seconds_total", rounds.Seconds);
        text.Family("pipeline_round_under_way", "gauge", "1 while a round is under way.").Sample("pipeline_round_under_way", rounds.UnderWaySince is null ? 0 : 1);
        if (rounds.Rounds.LastOrDefault() is { } last)
            AddLast(text, last);
        text.Family("pipeline_webhooks_total", "counter", "Webhooks, by sender and what became of them.");
        foreach (var ((sender, result), count) in hooks.All)
            text.Sample("pipeline_webhooks_total", count, ("sender", sender), ("result", Snake(result.ToString())));
        return text.Family("process_resident_memory_bytes", "gauge", "Memory of the process.").Sample("process_resident_memory_bytes", Environment.WorkingSet).ToString();
    }

    private static void AddLast(PrometheusText text, Round last)
    {
        text.Family("pipeline_last_round_timestamp_seconds", "gauge", "When the last round ended.")
            .Sample("pipeline_last_round_timestamp_seconds", last.Ended.ToUnixTimeMilliseconds() / 1000.0)
            .Family("pipeline_last_round_seconds", "gauge", "How long the last round took.")
            .Sample("pipeline_last_round_seconds", (last.Ended - last.Started).TotalSeconds)
            .Family("pipeline_images", "gauge", "Images of the last round, by what became of them.");
        foreach (var result in Enum.GetValues<ImageResult>())
            text.Sample("pipeline_images", last.Outcome.Images.Count(i => i.Result == result), ("result", Snake(result.ToString())));
        text.Family("pipeline_images_failing", "gauge", "Images of the last round that fail, those that wait before they are tried again among them.")
            .Sample("pipeline_images_failing", last.Outcome.Images.Count(i => i.IsFailing));
        text.Family("pipeline_targets", "gauge", "Targets at the start of the last round, by state.");
        foreach (var state in Enum.GetValues<TargetState>())
            text.Sample("pipeline_targets", last.Outcome.Images.Sum(i => i.Steps.Count(s => s.State == state)), ("state", Snake(state.ToString())));
    }

    private static string Snake(string name) => string.Concat(name.Select((c, i) => char.IsUpper(c) ? (i > 0 ? "_" : "") + char.ToLowerInvariant(c) : $"{c}"));
}
