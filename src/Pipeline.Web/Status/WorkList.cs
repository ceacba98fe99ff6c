using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Reporting;
using Pipeline.Core.Units;

namespace Pipeline.Web.Status;

/// <summary>Knows what is under way and for which image, keeps a log of it, and passes everything on. Thread-safe.</summary>
public sealed class WorkList(IReporter inner, TimeProvider clock) : IReporter
{
    /// <summary>Images are built side by side by code that does not know for whom it works: the flow of control does.</summary>
    private readonly AsyncLocal<string?> _image = new();
    private readonly ConcurrentDictionary<string, bool> _building = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<long, Work> _works = new();
    private long _numbers;

    public LogBook Log { get; } = new(clock);

    /// <summary>The oldest first.</summary>
    public ImmutableArray<WorkStatus> Now =>
        [.. _works.OrderBy(w => w.Key).Select(w => new WorkStatus(w.Value.Image, w.Value.Label, w.Value.Done, w.Value.Total, (int)clock.GetElapsedTime(w.Value.Begun).TotalSeconds))];

    /// <summary>The images that were begun and have not ended.</summary>
    public ImmutableHashSet<string> Building => [.. _building.Keys];

    /// <summary>What the calling flow of control reports from now on is about this image.</summary>
    public void BeginImage(string image)
    {
        _building[image] = true;
        _image.Value = image;
    }

    public void EndImage(string image) => _building.TryRemove(image, out _);

    public void Diagnose(Diagnostic diagnostic)
    {
        Log.Add(diagnostic.Rule.Severity == Severity.Error ? LogKind.Error : LogKind.Warning, _image.Value, DiagnosticFormat.Human(diagnostic));
        inner.Diagnose(diagnostic);
    }

    public void Announce(string line)
    {
        Log.Add(LogKind.Note, _image.Value, line);
        inner.Announce(line);
    }

    public IActivity Begin(string label, long? totalBytes)
    {
        var number = Interlocked.Increment(ref _numbers);
        return _works[number] = new Work(_image.Value, label, totalBytes, clock.GetTimestamp(), inner.Begin(label, totalBytes), work => End(number, work));
    }

    private void End(long number, Work work)
    {
        if (!_works.TryRemove(number, out _))
            return;
        var size = work.Done > 0 ? $"{new ByteSize(work.Done)} in " : "";
        Log.Add(LogKind.Work, work.Image, $"{work.Label}: {size}{clock.GetElapsedTime(work.Begun).TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture)} s");
    }

    private sealed class Work(string? image, string label, long? total, long begun, IActivity activity, Action<Work> ended) : IActivity
    {
        private long _done;

        public string? Image => image;

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
            ended(this);
            activity.Dispose();
        }
    }
}
