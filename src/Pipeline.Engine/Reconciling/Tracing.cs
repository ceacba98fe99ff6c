using System.Diagnostics;

namespace Pipeline.Engine.Reconciling;

/// <summary>
/// Spans of OpenTelemetry: a round, in it its images, in those the pieces of work that reporters hear of. Costs nothing
/// where nobody listens to the source.
/// </summary>
public static class Tracing
{
    public const string SourceName = "Pipeline";

    public static ActivitySource Source { get; } = new(SourceName);

    /// <summary>Ends a span with what came of it.</summary>
    internal static T Ended<T>(this Activity? span, T outcome, string result, bool isError)
    {
        span?.SetTag("pipeline.result", result).SetStatus(isError ? ActivityStatusCode.Error : ActivityStatusCode.Ok);
        return outcome;
    }
}
