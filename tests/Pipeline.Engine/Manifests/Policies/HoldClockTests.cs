using System.Globalization;
using Pipeline.Engine.Manifests.Models;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Manifests.Policies;

public sealed class HoldClockTests
{
    private static readonly HoldWindow Weekend = new([DayOfWeek.Saturday, DayOfWeek.Sunday], new(0, 0), new(0, 0));
    private static readonly HoldWindow Nights = new([.. Enum.GetValues<DayOfWeek>()], new(22, 0), new(5, 0));

    /// <summary>2026-11-21 is a Saturday.</summary>
    [Theory]
    [InlineData("2026-11-20T12:00", null)]
    [InlineData("2026-11-20T21:59", null)]
    [InlineData("2026-11-20T22:00", "2026-11-23 05:00 UTC")]
    [InlineData("2026-11-21T12:00", "2026-11-23 05:00 UTC")]
    [InlineData("2026-11-23T04:59", "2026-11-23 05:00 UTC")]
    [InlineData("2026-11-23T05:00", null)]
    [InlineData("2026-11-24T03:00", "2026-11-24 05:00 UTC")]
    public void Windows_that_touch_are_one(string now, string? until) => Shown(new(null, [Weekend, Nights]), now).ShouldBe(until);

    [Theory]
    [InlineData("2026-12-23T12:00", "2026-12-24 06:00 UTC")]
    [InlineData("2026-12-24T05:59", "2026-12-24 06:00 UTC")]
    [InlineData("2026-12-24T06:00", null)]
    public void Until_a_time(string now, string? until) => Shown(new(new DateTimeOffset(2026, 12, 24, 6, 0, 0, TimeSpan.Zero), []), now).ShouldBe(until);

    [Fact]
    public void Another_zone_of_the_machine_changes_nothing() =>
        HoldClock.Until(new(null, [Nights]), new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.FromHours(9))).ShouldBe(new DateTimeOffset(2026, 11, 24, 5, 0, 0, TimeSpan.Zero));

    [Fact]
    public void Windows_without_a_gap_never_end() =>
        HoldClock.Until(new(null, [new([.. Enum.GetValues<DayOfWeek>()], new(0, 0), new(0, 0))]), DateTimeOffset.UnixEpoch).ShouldBe(DateTimeOffset.MaxValue);

    private static string? Shown(HoldPolicy policy, string now) =>
        HoldClock.Until(policy, DateTimeOffset.Parse(now, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal)) is { } until ? HoldClock.Show(until) : null;
}
