using System.Diagnostics;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Reporting;
using Pipeline.Engine.Reconciling;

namespace Pipeline.Cli.Reporting;

/// <summary>Makes a span of each piece of work, and an event of each diagnostic, and passes all of it on.</summary>
internal sealed class TracedTeller(ITeller inner) : ITeller
{
    public void Diagnose(Diagnostic diagnostic)
    {
        Activity.Current?.AddEvent(new(diagnostic.Rule.Code, tags: new() { ["message"] = diagnostic.Message, ["severity"] = diagnostic.Rule.Severity.ToString() }));
        inner.Diagnose(diagnostic);
    }

    public void Announce(string line) => inner.Announce(line);

    public IActivity Begin(string label, long? totalBytes)
    {
        // The first word is the kind of work; what it is done to would make a name for every file.
        var span = Tracing.Source.StartActivity(label.Split(' ')[0]);
        span?.SetTag("pipeline.label", label);
        return new Traced(inner.Begin(label, totalBytes), span);
    }

    public void Settle() => inner.Settle();

    public void Dispose() => inner.Dispose();

    private sealed class Traced(IActivity activity, Activity? span) : IActivity
    {
        private long _bytes;

        public void Advance(long bytes)
        {
            Interlocked.Add(ref _bytes, bytes);
            activity.Advance(bytes);
        }

        public void Dispose()
        {
            span?.SetTag("pipeline.bytes", Interlocked.Read(ref _bytes));
            span?.Dispose();
            activity.Dispose();
        }
    }
}
