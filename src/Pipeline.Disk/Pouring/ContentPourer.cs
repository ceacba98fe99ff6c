using Pipeline.Core.Blocks;
using Pipeline.Core.Files;

namespace Pipeline.Disk.Pouring;

/// <summary>Some bytes of a source and where they go in the sink.</summary>
internal readonly record struct ContentRun(ContentSource Source, long SourceOffset, long TargetOffset, long LengthBytes)
{
    public bool IsFollowedBy(ContentRun next) =>
        ReferenceEquals(Source, next.Source)
        && SourceOffset + LengthBytes == next.SourceOffset
        && TargetOffset + LengthBytes == next.TargetOffset;
}

/// <summary>
/// Writes the contents of a file system whose places are known. Threads take batches of runs in the order of the image;
/// short runs are read into one buffer and written together, long ones are left to the sink to copy.
/// </summary>
/// <param name="contents">What to write; what lies between two runs in one block of 4 KiB belongs to nobody and may be written as zeroes.</param>
internal sealed class ContentPourer(IEnumerable<ContentRun> contents, IBlockSink sink)
{
    private const int BlockBytes = 4096;
    private const int MaxRunBytes = 8 << 20;
    private const int BatchBytes = 8 << 20;
    private const int BatchRuns = 512;
    private const int GatherBytes = 1 << 20;
    private const int MaxGatheredRunBytes = 128 << 10;

    public void Pour(int parallelism, CancellationToken ct)
    {
        using var runs = Split(Coalesce(contents)).GetEnumerator();
        Threads.Run(parallelism, () => Work(runs, ct), ct);
    }

    private void Work(IEnumerator<ContentRun> runs, CancellationToken ct)
    {
        var batch = new List<ContentRun>(BatchRuns);
        var gather = new Gather(sink);
        while (Take(runs, batch))
        {
            ct.ThrowIfCancellationRequested();
            foreach (var run in batch)
            {
                if (run.LengthBytes <= MaxGatheredRunBytes)
                    gather.Add(run);
                else
                    sink.CopyFrom(run.Source, run.SourceOffset, run.TargetOffset, run.LengthBytes);
            }
            gather.Flush();
        }
    }

    private static bool Take(IEnumerator<ContentRun> runs, List<ContentRun> batch)
    {
        batch.Clear();
        lock (runs)
        {
            for (var bytes = 0L; bytes < BatchBytes && batch.Count < BatchRuns && runs.MoveNext(); bytes += runs.Current.LengthBytes)
                batch.Add(runs.Current);
        }
        return batch.Count > 0;
    }

    private static IEnumerable<ContentRun> Coalesce(IEnumerable<ContentRun> runs)
    {
        ContentRun? last = null;
        foreach (var run in runs)
        {
            if (last is { } before && before.IsFollowedBy(run))
            {
                last = before with { LengthBytes = before.LengthBytes + run.LengthBytes };
                continue;
            }
            if (last is not null)
                yield return last.Value;
            last = run;
        }
        if (last is not null)
            yield return last.Value;
    }

    private static IEnumerable<ContentRun> Split(IEnumerable<ContentRun> runs)
    {
        foreach (var run in runs)
        {
            for (var done = 0L; done < run.LengthBytes; done += MaxRunBytes)
                yield return new(run.Source, run.SourceOffset + done, run.TargetOffset + done, Math.Min(MaxRunBytes, run.LengthBytes - done));
        }
    }

    /// <summary>Runs that follow each other in the sink, less than a block apart: what lies between is the zero end of a block.</summary>
    private sealed class Gather(IBlockSink sink)
    {
        private readonly byte[] _bytes = new byte[GatherBytes];
        private long _start;
        private int _length;

        public void Add(ContentRun run)
        {
            var offset = run.TargetOffset - _start;
            if (_length == 0 || offset < _length || offset - _length >= BlockBytes || offset + run.LengthBytes > GatherBytes)
            {
                Flush();
                _start = run.TargetOffset;
                offset = 0;
            }
            _bytes.AsSpan(_length, (int)offset - _length).Clear();
            run.Source.ReadExactly(run.SourceOffset, _bytes.AsSpan((int)offset, (int)run.LengthBytes));
            _length = (int)(offset + run.LengthBytes);
        }

        public void Flush()
        {
            if (_length > 0)
                sink.Write(_start, _bytes.AsSpan(0, _length));
            _length = 0;
        }
    }
}
