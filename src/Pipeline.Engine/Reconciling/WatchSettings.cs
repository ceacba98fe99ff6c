namespace Pipeline.Engine.Reconciling;

/// <summary>How rounds follow each other.</summary>
/// <param name="Interval">From the end of one to the start of the next.</param>
/// <param name="Clock">Waits between rounds.</param>
public sealed record WatchSettings(TimeSpan Interval, TimeProvider Clock)
{
    /// <summary>Every pause is up to this part of the interval longer or shorter, so that many controllers do not ask at one moment; 0 to 1.</summary>
    public double Jitter { get; init; }

    /// <summary>0 up to but not 1; it never reaches an output.</summary>
    public Func<double> Chance { get; init; } = () => 0.5;

    public WakeSignal Wake { get; init; } = new();

    /// <summary>The least pause, however often the next round is asked for.</summary>
    public TimeSpan ShortestPause { get; init; }

    internal async Task PauseAsync(CancellationToken ct)
    {
        await Task.Delay(ShortestPause, Clock, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var whole = Interval * (1 + (Jitter * ((2 * Chance()) - 1)));
        await Wake.WaitAsync(whole > ShortestPause ? whole - ShortestPause : TimeSpan.Zero, Clock, ct);
    }
}
