namespace Pipeline.Core.Files;

/// <summary>Seconds and nanoseconds since 1970-01-01 00:00 UTC. <paramref name="Nanoseconds"/> is 0 to 999 999 999, also before 1970.</summary>
public readonly record struct UnixTime(long Seconds, int Nanoseconds = 0)
{
    public static UnixTime Epoch => default;
}
