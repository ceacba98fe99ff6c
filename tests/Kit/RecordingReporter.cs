using System.Collections.Concurrent;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Reporting;

namespace Pipeline.Kit;

/// <summary>Remembers what the user would have read: all of it as lines, complaints also as they are.</summary>
public sealed class RecordingReporter : IReporter
{
    public ConcurrentQueue<Diagnostic> Diagnostics { get; } = new();

    public ConcurrentQueue<string> Lines { get; } = new();

    public void Diagnose(Diagnostic diagnostic)
    {
        Diagnostics.Enqueue(diagnostic);
        Lines.Enqueue(diagnostic.ToString());
    }

    public void Announce(string line) => Lines.Enqueue(line);

    public IActivity Begin(string label, long? totalBytes)
    {
        Lines.Enqueue(label);
        return SilentReporter.Instance.Begin(label, totalBytes);
    }
}
