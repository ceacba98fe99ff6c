using System.Collections.Concurrent;
using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Reporting;

namespace Pipeline.Web.Status;

/// <summary>Knows what is under way, and passes everything on. Thread-safe.</summary>
public sealed class WorkList(IReporter inner, TimeProvider clock) : IReporter
{
    private readonly ConcurrentDictionary<long, Work> _works = new();
    private long _numbers;

    /// <summary>The oldest first.</summary>
    public ImmutableArray<WorkStatus> Now =>
        [.. _works.OrderBy(w => w.Key).Select(w => new WorkStatus(w.Value.Label, w.Value.Done, w.Value.Total, (int)clock.GetElapsedTime(w.Value.Begun).TotalSeconds))];

    public void Diagnose(Diagnostic diagnostic) => inner.Diagnose(diagnostic);

    public void Announce(string line) => inner.Announce(line);

    public IActivity Begin(string label, long? totalBytes)
    {
        var number = Interlocked.Increment(ref _numbers);
        return _works[number] = new Work(label, totalBytes, clock.GetTimestamp(), inner.Begin(label, totalBytes), () => _works.TryRemove(number, out _));
    }

    private sealed class Work(string label, long? total, long begun, IActivity activity, Action ended) : IActivity
    {
        private long _done;

        public string Label => label;

        public long? Total => total;

        public long Begun => begun;

        public long Done => Interlocked.Read(ref _done);

        public void Advance(long bytes)
        {
            Interlocked.Add(ref _done, bytes);
            activity.Advance(bytes);
        }

        public void Dispose()
        {
            ended();
            activity.Dispose();
        }
    }
}
