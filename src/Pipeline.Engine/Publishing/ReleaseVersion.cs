using System.Globalization;

namespace Pipeline.Engine.Publishing;

/// <summary>A release's name: the day (UTC) and a serial from 0, <c>20261121.0</c>. Compares in order of making.</summary>
public readonly record struct ReleaseVersion(DateOnly Day, int Serial) : IComparable<ReleaseVersion>
{
    private const string DayFormat = "yyyyMMdd";

    /// <summary>
    /// The next name on a day: later than all that exist, even when the clock went back or somebody deleted some.
    /// </summary>
    public static ReleaseVersion Next(DateOnly today, IEnumerable<ReleaseVersion> existing)
    {
        var first = new ReleaseVersion(today, 0);
        var newest = existing.DefaultIfEmpty(new ReleaseVersion(DateOnly.MinValue, 0)).Max();
        return newest.CompareTo(first) < 0 ? first : newest with { Serial = newest.Serial + 1 };
    }

    public static bool TryParse(string text, out ReleaseVersion version)
    {
        version = default;
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0
            || !DateOnly.TryParseExact(text.AsSpan(0, dot), DayFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            || !int.TryParse(text.AsSpan(dot + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var serial))
        {
            return false;
        }
        version = new(day, serial);
        return version.ToString() == text;
    }

    public int CompareTo(ReleaseVersion other) =>
        Day != other.Day ? Day.CompareTo(other.Day) : Serial.CompareTo(other.Serial);

    public static bool operator <(ReleaseVersion left, ReleaseVersion right) => left.CompareTo(right) < 0;

    public static bool operator >(ReleaseVersion left, ReleaseVersion right) => left.CompareTo(right) > 0;

    public static bool operator <=(ReleaseVersion left, ReleaseVersion right) => left.CompareTo(right) <= 0;

    public static bool operator >=(ReleaseVersion left, ReleaseVersion right) => left.CompareTo(right) >= 0;

    public override string ToString() => Day.ToString(DayFormat, CultureInfo.InvariantCulture) + "." + Serial.ToString(CultureInfo.InvariantCulture);
}
