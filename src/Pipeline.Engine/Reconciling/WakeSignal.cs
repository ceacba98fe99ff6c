using System.Threading.Channels;

namespace Pipeline.Engine.Reconciling;

/// <summary>
/// Asks for a round before its time. However often it is set, one round answers all of it; what is set while a round is
/// under way brings another one, because that round may have looked already.
/// </summary>
public sealed class WakeSignal
{
    private readonly Channel<bool> _set = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Set() => _set.Writer.TryWrite(true);

    /// <summary>Returns when it is set (and takes that back), when the time is over, or when cancelled; never throws.</summary>
    /// <returns>Whether it was set.</returns>
    internal async Task<bool> WaitAsync(TimeSpan limit, TimeProvider clock, CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var woken = _set.Reader.WaitToReadAsync(stop.Token).AsTask();
        await Task.WhenAny(woken, Task.Delay(limit, clock, stop.Token));
        await stop.CancelAsync();
        await ((Task)woken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !ct.IsCancellationRequested && _set.Reader.TryRead(out _);
    }
}
