using Pipeline.Core.Diagnostics;
using Pipeline.Core.Reporting;

namespace Pipeline.Cli.Reporting;

/// <summary>
/// For machines: every event is an object on a line of standard output, between the results. Types: <c>diagnostic</c>
/// (see DiagnosticFormat), <c>message</c> {text}, <c>begin</c> {id, label, totalBytes}, <c>progress</c> {id, bytes} at most
/// every second, <c>end</c> {id, label, bytes, milliseconds}.
/// </summary>
internal sealed class JsonReporter(TextWriter writer, Loudness loudness, TimeProvider clock) : ITeller
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private readonly Lock _writing = new();
    private int _count;

    public void Diagnose(Diagnostic diagnostic) => Write(DiagnosticFormat.Json(diagnostic));

    public void Announce(string line) => Tell("message", json => json.WriteString("text", line));

    public IActivity Begin(string label, long? totalBytes)
    {
        var id = Interlocked.Increment(ref _count);
        Tell("begin", json =>
        {
            json.WriteNumber("id", id);
            json.WriteString("label", label);
            if (totalBytes is { } total)
                json.WriteNumber("totalBytes", total);
            else
                json.WriteNull("totalBytes");
        });
        return new JsonActivity(this, id, label);
    }

    public void Settle()
    {
    }

    public void Dispose()
    {
    }

    private void Tell(string type, Action<System.Text.Json.Utf8JsonWriter> members)
    {
        if (!loudness.IsQuiet)
            Write(JsonLine.Of(type, members));
    }

    private void Write(string line)
    {
        lock (_writing)
            writer.Write(line + "\n");
    }

    private sealed class JsonActivity(JsonReporter reporter, int id, string label) : IActivity
    {
        private readonly ActivityClock _clock = new(reporter.Clock, Interval);

        public void Advance(long bytes)
        {
            if (!_clock.Advance(bytes, out var done))
                return;
            reporter.Tell("progress", json =>
            {
                json.WriteNumber("id", id);
                json.WriteNumber("bytes", done);
            });
        }

        public void Dispose()
        {
            if (!_clock.End())
                return;
            reporter.Tell("end", json =>
            {
                json.WriteNumber("id", id);
                json.WriteString("label", label);
                json.WriteNumber("bytes", _clock.Bytes);
                json.WriteNumber("milliseconds", (long)_clock.Elapsed.TotalMilliseconds);
            });
        }
    }

    private TimeProvider Clock => clock;
}
