using System.Collections.Concurrent;

namespace Pipeline.Engine.Flashing.Images;

/// <summary>Runs a sequence ahead of its reader on a thread of its own, so that unpacking and writing go side by side.</summary>
internal static class Prefetch
{
    /// <param name="read">Makes the sequence; its token also falls when the reader stops early.</param>
    public static IEnumerable<T> Of<T>(Func<CancellationToken, IEnumerable<T>> read, int depth, CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        using var queue = new BlockingCollection<T>(depth);
        var producer = Task.Run(() => Fill(read(stop.Token), queue, stop.Token), CancellationToken.None);
        try
        {
            foreach (var item in queue.GetConsumingEnumerable(ct))
                yield return item;
            producer.GetAwaiter().GetResult();
        }
        finally
        {
            stop.Cancel();
            // What it failed with was told above, or matters no more. The queue must outlive it.
            ((IAsyncResult)producer).AsyncWaitHandle.WaitOne();
        }
    }

    private static void Fill<T>(IEnumerable<T> items, BlockingCollection<T> queue, CancellationToken ct)
    {
        try
        {
            foreach (var item in items)
                queue.Add(item, ct);
        }
        finally
        {
            queue.CompleteAdding();
        }
    }
}
