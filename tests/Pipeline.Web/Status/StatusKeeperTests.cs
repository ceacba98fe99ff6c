using Pipeline.Engine.Planning;
using Pipeline.Engine.Publishing.Directories;
using Pipeline.Kit;
using Pipeline.Web.Hooks;
using Shouldly;
using Xunit;

namespace Pipeline.Web.Status;

public sealed class StatusKeeperTests : IDisposable
{
    private readonly Factory _factory = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _factory.Dispose();

    /// <summary>An image that fails is built no more for a while; pages and alarms must not forget it meanwhile.</summary>
    [Fact]
    public async Task A_failure_is_seen_as_long_as_it_lasts_beside_the_last_good_release()
    {
        var workspace = SampleImages.Workspace(SampleImages.Image("kiosk", "base:1", "pc"));
        _factory.Sources.Push("base:1", "amd64 v1", "arm64 v1");
        _factory.BacksOff = true;
        DirectoryReleases host = _factory.Host();
        var keeper = new StatusKeeper(host, host, "Images");
        var rounds = new RoundLog(_factory.Clock);
        await RoundAsync();
        Failing().ShouldBe("0");
        _factory.Sources.Push("base:1", "amd64 v2", "arm64 v2");
        _factory.Builder.Broken.Add("kiosk/pc/disk");
        await RoundAsync();
        Failing().ShouldBe("1");
        for (var waiting = 0; waiting < 2; waiting++)
        {
            await RoundAsync();
            Failing().ShouldBe("1");
            var shown = keeper.Take(live: null).Images.Single();
            shown.Release!.Version.ShouldBe("20261121.0");
            shown.Targets.Single().State.ShouldBe(ShownState.Failed);
            shown.Targets.Single().Because[0].ShouldBe("failed once, tried again after 2026-11-21 23:45 UTC: 'kiosk/pc/disk' does not fit");
        }
        _factory.Builder.Broken.Clear();
        _factory.Clock.Now += TimeSpan.FromMinutes(15);
        await RoundAsync();
        Failing().ShouldBe("0");
        keeper.Take(live: null).Images.Single().Targets.Single().Because.ShouldBeEmpty();

        async Task RoundAsync()
        {
            rounds.Begin();
            keeper.Plan(workspace, await _factory.Reconciler().PlanAsync(workspace, Ct));
            var outcome = await _factory.Reconciler().RunOnceAsync(workspace, Ct);
            rounds.End(outcome);
            foreach (var image in outcome.Images)
                keeper.End(image);
            await keeper.EndAsync(outcome, Ct);
        }

        string Failing() => ControllerMetrics.Render(rounds, new HookCounts()).Split('\n').Single(l => l.StartsWith("pipeline_images_failing ", StringComparison.Ordinal)).Split(' ')[1];
    }
}
