using Shouldly;
using Xunit;

namespace Pipeline.Cli.Reporting;

public sealed class ActivityClockTests
{
    [Fact]
    public void It_is_time_to_tell_once_an_interval()
    {
        var time = new StandingClock();
        var clock = new ActivityClock(time, TimeSpan.FromSeconds(30));
        clock.Advance(10, out _).ShouldBeFalse();
        time.Seconds = 30;
        clock.Advance(5, out var done).ShouldBeTrue();
        done.ShouldBe(15);
        clock.Advance(1, out _).ShouldBeFalse("it was told just now");
        time.Seconds = 61;
        clock.Advance(1, out _).ShouldBeTrue();
        (clock.Bytes, clock.Elapsed.TotalSeconds).ShouldBe((17, 61));
        (clock.End(), clock.End()).ShouldBe((true, false));
    }

    private sealed class StandingClock : TimeProvider
    {
        public long Seconds { get; set; }

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Seconds;
    }
}
