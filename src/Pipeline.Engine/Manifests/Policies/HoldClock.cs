using System.Globalization;
using Pipeline.Engine.Manifests.Models;

namespace Pipeline.Engine.Manifests.Policies;

/// <summary>Whether an image is held at a time. Pure.</summary>
public static class HoldClock
{
    /// <summary>A week that is held from end to end never ends.</summary>
    private const int MostSteps = 64;

    /// <returns>When it ends, in UTC; null where nothing is held. <see cref="DateTimeOffset.MaxValue"/> where the windows leave no gap.</returns>
    public static DateTimeOffset? Until(HoldPolicy policy, DateTimeOffset now)
    {
        var at = now.ToUniversalTime();
        for (var step = 0; step < MostSteps; step++)
        {
            if (EndOf(policy, at) is not { } end)
                return at > now ? at : null;
            at = end;
        }
        return DateTimeOffset.MaxValue;
    }

    /// <summary><c>2026-12-24 06:00 UTC</c></summary>
    public static string Show(DateTimeOffset time) => time == DateTimeOffset.MaxValue
        ? "its windows leave a gap, which they do not"
        : time.ToUniversalTime().ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);

    private static DateTimeOffset? EndOf(HoldPolicy policy, DateTimeOffset at)
    {
        if (policy.Until is { } until && at < until)
            return until;
        foreach (var window in policy.Windows)
        {
            // The window may have begun today or yesterday.
            foreach (var day in new[] { at.UtcDateTime.Date, at.UtcDateTime.Date.AddDays(-1) })
            {
                var from = new DateTimeOffset(day, TimeSpan.Zero) + window.From.ToTimeSpan();
                var to = new DateTimeOffset(window.To > window.From ? day : day.AddDays(1), TimeSpan.Zero) + window.To.ToTimeSpan();
                if (window.Days.Contains(day.DayOfWeek) && from <= at && at < to)
                    return to;
            }
        }
        return null;
    }
}
