using System.Runtime.ExceptionServices;
using Pipeline.Core.Blocks;
using Pipeline.Core.Files;
using Pipeline.Disk.Ext4.Placing;
using static Pipeline.Disk.Ext4.Ext4Format;

namespace Pipeline.Disk.Ext4;

/// <summary>
/// Writes the contents. Threads take batches of runs in the order of the image; short runs are read into one buffer and
/// written together, long ones are left to the sink to copy.
/// </summary>
internal sealed class ContentPourer(Ext4Layout layout, IBlockSink sink)
{
    private const int MaxRunBytes = 8 << 20;
    private const int BatchBytes = 8 << 20;
    private const int BatchRuns = 512;
    private const int GatherBytes = 1 << 20;
    private const int MaxGatheredRunBytes = 128 << 10;

    /// <summary>Some bytes of a source and where they go in the sink.</summary>
    private readonly record struct Run(ContentSource Source, long SourceOffset, long TargetOffset, long LengthBytes)
    {
        public bool IsFollowedBy(Run next) =>
            ReferenceEquals(Source, next.Source)
            && SourceOffset + LengthBytes == next.SourceOffset
            && TargetOffset + LengthBytes == next.TargetOffset;
    }

    public void Pour(int parallelism, CancellationToken ct)
    {
        using var runs = Split(Coalesce(AllRuns())).GetEnumerator();
        if (parallelism <= 1)
        {
            Work(runs, ct);
            return;
        }
        try
        {
            Parallel.For(0, parallelism, new ParallelOptions { MaxDegreeOfParallelism = parallelism, CancellationToken = ct }, _ => Work(runs, ct));
        }
        catch (AggregateException e)
        {
            // One cause is enough to tell, and callers know its type.
            ExceptionDispatchInfo.Throw(e.Flatten().InnerExceptions[0]);
        }
    }

    private void Work(IEnumerator<Run> runs, CancellationToken ct)
    {
        var batch = new List<Run>(BatchRuns);
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

    private static bool Take(IEnumerator<Run> runs, List<Run> batch)
    {
        batch.Clear();
        lock (runs)
        {
            for (var bytes = 0L; bytes < BatchBytes && batch.Count < BatchRuns && runs.MoveNext(); bytes += runs.Current.LengthBytes)
                batch.Add(runs.Current);
        }
        return batch.Count > 0;
    }

    private IEnumerable<Run> AllRuns()
    {
        var nodes = layout.Plan.Inodes.Nodes;
        for (var index = 0; index < nodes.Count; index++)
        {
            if (nodes[index] is not RegularFile { Content: { Source: { } source } content })
                continue;
            var start = layout.Placement.PositionOf(index);
            foreach (var (data, position) in ContentMap.Runs(content))
            {
                var done = 0L;
                foreach (var blocks in layout.Geometry.Space.Runs(start + position, BlocksFor(data.FileOffset % BlockBytes + data.LengthBytes)))
                {
                    var skip = done == 0 ? data.FileOffset % BlockBytes : 0;
                    var length = Math.Min(blocks.Count * BlockBytes - skip, data.LengthBytes - done);
                    yield return new(source, data.SourceOffset + done, blocks.Block * BlockBytes + skip, length);
                    done += length;
                }
            }
        }
    }

    private static IEnumerable<Run> Coalesce(IEnumerable<Run> runs)
    {
        Run? last = null;
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

    private static IEnumerable<Run> Split(IEnumerable<Run> runs)
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

        public void Add(Run run)
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
