namespace Pipeline.Kit;

/// <summary>A clock that stands until it is set; its timers are the system's.</summary>
public sealed class ManualClock(DateTimeOffset now) : TimeProvider
{
    public DateTimeOffset Now { get; set; } = now;

    public override DateTimeOffset GetUtcNow() => Now;
}
