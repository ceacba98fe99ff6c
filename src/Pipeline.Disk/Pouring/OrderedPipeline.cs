namespace Pipeline.Disk.Pouring;

/// <summary>
/// Work on batches by several threads, written in the order of the batches. A batch is in the hands of one thread while it is
/// worked on; whoever finishes the next one in order writes it, and all that wait behind it. There are a few more batches
/// than threads, so memory does not depend on how much there is, and what is written does not depend on the threads.
/// </summary>
/// <typeparam name="T">A batch with its buffers, used again and again.</typeparam>
/// <param name="tryTake">Fills a batch with what comes next; false where there is nothing more. By one thread at a time, in order.</param>
/// <param name="write">Writes a batch that was worked on. By one thread at a time, in order.</param>
internal sealed class OrderedPipeline<T>(Func<T, bool> tryTake, Action<T> write) where T : class
{
    /// <summary>Batches beside those in work: a thread that must wait for a processor holds up none of the others for long.</summary>
    private const int SpareBatches = 16;

    private readonly object _gate = new();
    private readonly Stack<T> _free = new();
    private readonly Dictionary<long, T> _done = [];
    private bool _isOver;
    private bool _isWriting;
    private bool _isBroken;
    private long _taken;
    private long _written;

    /// <summary>How many batches a run uses.</summary>
    public static int BatchCount(int parallelism) => parallelism <= 1 ? 1 : parallelism + SpareBatches;

    /// <param name="batches"><see cref="BatchCount"/> of them.</param>
    /// <param name="work">What a thread does with its batches: asked for once a thread, and called once a batch; the state is disposed behind the last.</param>
    public void Run(IEnumerable<T> batches, int parallelism, Func<(Action<T> Work, IDisposable? State)> work, CancellationToken ct)
    {
        foreach (var batch in batches)
            _free.Push(batch);
        Threads.Run(parallelism, () => Work(work, ct), ct);
    }

    private void Work(Func<(Action<T> Work, IDisposable? State)> open, CancellationToken ct)
    {
        try
        {
            var (work, state) = open();
            using (state)
            {
                while (Take() is var (number, batch))
                {
                    ct.ThrowIfCancellationRequested();
                    work(batch);
                    Deliver(number, batch);
                }
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

    /// <summary>The next batch; null where there is none, or another thread failed. Waits while every batch is in use.</summary>
    private (long Number, T Batch)? Take()
    {
        lock (_gate)
        {
            while (!_isOver && !_isBroken && _free.Count == 0)
                Monitor.Wait(_gate);
            if (_isOver || _isBroken)
                return null;
            var batch = _free.Pop();
            if (tryTake(batch))
                return (_taken++, batch);
            _isOver = true;
            Monitor.PulseAll(_gate);
            return null;
        }
    }

    private void Deliver(long number, T batch)
    {
        lock (_gate)
        {
            _done.Add(number, batch);
            if (_isWriting)
                return;
            _isWriting = true;
        }
        while (NextToWrite() is { } next)
        {
            write(next);
            lock (_gate)
            {
                _free.Push(next);
                Monitor.Pulse(_gate);
            }
        }
    }

    private T? NextToWrite()
    {
        lock (_gate)
        {
            _isWriting = _done.Remove(_written, out var next);
            _written += _isWriting ? 1 : 0;
            return next;
        }
    }
}
