using System.Globalization;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Reporting;
using Pipeline.Core.Units;

namespace Pipeline.Cli.Reporting;

/// <summary>How a diagnostic becomes a line.</summary>
internal delegate string DiagnosticLine(Diagnostic diagnostic);

/// <param name="IsQuiet">Only diagnostics.</param>
/// <param name="IsVerbose">Also says when work begins.</param>
internal sealed record Loudness(bool IsQuiet, bool IsVerbose);

/// <summary>Where nobody can see a bar move: a line for each event, and one every half minute of long work so that a log shows life.</summary>
internal sealed class LineReporter(TextWriter writer, DiagnosticLine format, Loudness loudness, TimeProvider clock) : ITeller
{
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(30);
    private readonly Lock _writing = new();

    public void Diagnose(Diagnostic diagnostic) => Write(format(diagnostic));

    public void Announce(string line)
    {
        if (!loudness.IsQuiet)
            Write(Plain.Line(line));
    }

    public IActivity Begin(string label, long? totalBytes)
    {
        if (loudness.IsVerbose)
            Write($"{Plain.Line(label)}: begins{(totalBytes is { } total ? $", {new ByteSize(total)}" : "")}");
        return new LineActivity(this, Plain.Line(label), totalBytes);
    }

    public void Settle()
    {
    }

    public void Dispose()
    {
    }

    private void Write(string line)
    {
        lock (_writing)
            writer.Write(line + "\n");
    }

    private sealed class LineActivity(LineReporter reporter, string label, long? totalBytes) : IActivity
    {
        private readonly ActivityClock _clock = new(reporter.Clock, Heartbeat);

        public void Advance(long bytes)
        {
            if (!_clock.Advance(bytes, out var done))
                return;
            var share = totalBytes is > 0 and { } total ? $" of {new ByteSize(total)}" : "";
            reporter.Announce($"{label}: {new ByteSize(done)}{share} so far");
        }

        public void Dispose()
        {
            if (!_clock.End())
                return;
            var seconds = _clock.Elapsed.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);
            var amount = _clock.Bytes is > 0 and var bytes ? $"{new ByteSize(bytes)} in " : "";
            reporter.Announce($"{label}: {amount}{seconds} s");
        }
    }

    private TimeProvider Clock => clock;
}

/// <summary>Text from elsewhere (labels, references) as one line that cannot steer a terminal.</summary>
internal static class Plain
{
    public static string Line(string text) =>
        text.Any(char.IsControl) ? string.Concat(text.Select(c => char.IsControl(c) ? '\uFFFD' : c)) : text;
}
