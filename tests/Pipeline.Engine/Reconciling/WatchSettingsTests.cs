using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Reconciling;

public sealed class WatchSettingsTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0, 90)]
    [InlineData(0.5, 100)]
    [InlineData(0.75, 105)]
    public async Task Pauses_differ_by_chance_up_to_the_jitter(double chance, int seconds)
    {
        var time = new InstantTime();
        await new WatchSettings(TimeSpan.FromSeconds(100), time) { Jitter = 0.1, Chance = () => chance, ShortestPause = TimeSpan.FromSeconds(5) }.PauseAsync(Ct);
        time.Waits.Sum(w => w.TotalSeconds).ShouldBe(seconds, 0.001);
    }

    [Fact]
    public async Task A_wake_ends_the_pause_but_not_the_shortest_one()
    {
        var watch = new WatchSettings(TimeSpan.FromDays(1), TimeProvider.System) { ShortestPause = TimeSpan.FromMilliseconds(50) };
        watch.Wake.Set();
        watch.Wake.Set();
        await watch.PauseAsync(Ct);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var second = watch.PauseAsync(stop.Token);
        await Task.Delay(300, Ct);
        second.IsCompleted.ShouldBeFalse("two wakes before a round are one");
        watch.Wake.Set();
        await second;
        await stop.CancelAsync();
        await watch.PauseAsync(stop.Token);
    }
}
