using System.Collections.Concurrent;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Reporting;

namespace Pipeline.Kit;

/// <summary>Keeps all that the user would have read.</summary>
public sealed class RecordingReporter : IReporter
{
    public ConcurrentQueue<string> Lines { get; } = new();

    public void Diagnose(Diagnostic diagnostic) => Lines.Enqueue(diagnostic.ToString());

    public void Announce(string line) => Lines.Enqueue(line);

    public IActivity Begin(string label, long? totalBytes)
    {
        Lines.Enqueue(label);
        return SilentReporter.Instance.Begin(label, totalBytes);
    }
}
