namespace Pipeline.Cli.Reporting;

/// <summary>Counts a piece of work, and says when it is time to tell of it again. Thread-safe.</summary>
internal sealed class ActivityClock(TimeProvider clock, TimeSpan interval)
{
    private readonly long _begun = clock.GetTimestamp();
    private long _told = clock.GetTimestamp();
    private long _bytes;
    private int _ended;

    public long Bytes => Interlocked.Read(ref _bytes);

    public TimeSpan Elapsed => clock.GetElapsedTime(_begun);

    /// <summary>True at most once an interval, for one caller.</summary>
    /// <param name="done">All that was done so far.</param>
    public bool Advance(long bytes, out long done)
    {
        done = Interlocked.Add(ref _bytes, bytes);
        var told = Interlocked.Read(ref _told);
        return clock.GetElapsedTime(told) >= interval && Interlocked.CompareExchange(ref _told, clock.GetTimestamp(), told) == told;
    }

    /// <summary>True for the first caller.</summary>
    public bool End() => Interlocked.Exchange(ref _ended, 1) == 0;
}
