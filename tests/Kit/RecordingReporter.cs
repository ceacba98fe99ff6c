using System.Collections.Concurrent;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Reporting;

namespace Pipeline.Kit;

/// <summary>Remembers what was told.</summary>
public sealed class RecordingReporter : IReporter
{
    public ConcurrentQueue<Diagnostic> Diagnostics { get; } = new();

    public ConcurrentQueue<string> Lines { get; } = new();

    public void Diagnose(Diagnostic diagnostic) => Diagnostics.Enqueue(diagnostic);

    public void Announce(string line) => Lines.Enqueue(line);

    public IActivity Begin(string label, long? totalBytes) => SilentReporter.Instance.Begin(label, totalBytes);
}
