using Pipeline.Core.Blocks;
using Pipeline.Core.Compression;
using Pipeline.Core.Reporting;
using Pipeline.Disk.Pouring;

namespace Pipeline.Disk.Squashfs.Packing;

/// <summary>
/// Packs blocks on several threads and writes them in their order. A batch is in the hands of one thread from reading to
/// packing; whoever finishes the next one in order writes it, and all that wait behind it. There are a few more batches
/// than threads, so memory does not depend on what is packed, and the bytes do not depend on the number of threads.
/// </summary>
internal sealed class BlockPipeline
{
    private const int MostBatchBytes = 1 << 20;

    /// <summary>Batches beside those in work: a thread that must wait for a processor holds up none of the others for long.</summary>
    private const int SpareBatches = 16;

    private const int MostMemoryBytes = 128 << 20;

    private readonly object _gate = new();
    private readonly SquashfsOptions _options;
    private readonly PackedContents _contents;
    private readonly IByteAppender _output;
    private readonly IActivity _activity;
    private readonly IEnumerator<BlockJob> _jobs;
    private readonly Stack<Batch> _free = new();
    private readonly Dictionary<long, Batch> _packed = [];
    private bool _isOver;
    private bool _isWriting;
    private bool _isBroken;
    private long _taken;
    private long _written;

    public BlockPipeline(PackedContents contents, SquashfsOptions options, IByteAppender output, IActivity activity)
    {
        (_contents, _options, _output, _activity) = (contents, options, output, activity);
        _jobs = BlockQueue.Jobs(contents, options.BlockBytes).GetEnumerator();
        _isOver = !_jobs.MoveNext();
    }

    public void Run(int parallelism, CancellationToken ct)
    {
        var batches = parallelism <= 1 ? 1 : parallelism + SpareBatches;
        var batchBytes = Math.Max(_options.BlockBytes, Math.Min(MostBatchBytes, MostMemoryBytes / batches / 2));
        for (var i = 0; i < batches; i++)
            _free.Push(new(batchBytes));
        Threads.Run(parallelism, () => Work(ct), ct);
    }

    private void Work(CancellationToken ct)
    {
        try
        {
            using var compressor = BlockCompressor.Open(_options.Compression, _options.Level, _options.BlockBytes);
            while (Take() is { } batch)
            {
                ct.ThrowIfCancellationRequested();
                batch.Read(_contents);
                batch.Pack(compressor);
                Deliver(batch);
            }
        }
        catch
        {
            lock (_gate)
            {
                _isBroken = true;
                Monitor.PulseAll(_gate);
            }
            throw;
        }
    }

    /// <summary>The next jobs; null where there are none, or another thread failed. Waits while every batch is in use.</summary>
    private Batch? Take()
    {
        lock (_gate)
        {
            while (!_isOver && !_isBroken && _free.Count == 0)
                Monitor.Wait(_gate);
            if (_isOver || _isBroken)
                return null;
            var batch = _free.Pop();
            batch.Take(_taken++, _jobs, ref _isOver);
            if (_isOver)
                Monitor.PulseAll(_gate);
            return batch;
        }
    }

    private void Deliver(Batch batch)
    {
        lock (_gate)
        {
            _packed.Add(batch.Number, batch);
            if (_isWriting)
                return;
            _isWriting = true;
        }
        while (NextToWrite() is { } next)
        {
            next.Write(_contents, _output);
            _activity.Advance(next.InputBytes);
            lock (_gate)
            {
                _free.Push(next);
                Monitor.Pulse(_gate);
            }
        }
    }

    private Batch? NextToWrite()
    {
        lock (_gate)
        {
            _isWriting = _packed.Remove(_written, out var next);
            _written += _isWriting ? 1 : 0;
            return next;
        }
    }
}
