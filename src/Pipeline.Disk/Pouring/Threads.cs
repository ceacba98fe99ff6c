using System.Runtime.ExceptionServices;

namespace Pipeline.Disk.Pouring;

/// <summary>Work on several threads, with one cause where it fails: callers know its type.</summary>
internal static class Threads
{
    /// <summary>Calls <paramref name="work"/> on as many threads as asked for.</summary>
    public static void Run(int parallelism, Action work, CancellationToken ct)
    {
        if (parallelism <= 1)
        {
            work();
            return;
        }
        try
        {
            Parallel.For(0, parallelism, new ParallelOptions { MaxDegreeOfParallelism = parallelism, CancellationToken = ct }, _ => work());
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.Flatten().InnerExceptions[0]);
        }
    }

    /// <summary>Calls <paramref name="work"/> once a number below <paramref name="count"/>, in rising order of their beginnings.</summary>
    public static void Run<T>(int parallelism, int count, Func<T> state, Action<T, int> work, CancellationToken ct)
    {
        var next = -1;
        Run(Math.Min(parallelism, count), () =>
        {
            var own = state();
            for (int i; (i = Interlocked.Increment(ref next)) < count;)
            {
                ct.ThrowIfCancellationRequested();
                work(own, i);
            }
        }, ct);
    }
}
