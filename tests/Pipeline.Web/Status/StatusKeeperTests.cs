using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Planning;
using Pipeline.Engine.Publishing;
using Pipeline.Engine.Publishing.Directories;
using Pipeline.Engine.Publishing.Reading;
using Pipeline.Engine.Reconciling;
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

    /// <summary>A store that takes its time must not keep anybody from the pages.</summary>
    [Fact]
    public async Task Pages_are_there_while_a_release_is_read()
    {
        var workspace = SampleImages.Workspace(SampleImages.Image("kiosk", "base:1", "pc"));
        _factory.Sources.Push("base:1", "amd64 v1", "arm64 v1");
        await _factory.Reconciler().RunOnceAsync(workspace, Ct);
        using var reader = new StuckReader();
        var keeper = new StatusKeeper(_factory.Host(), reader, "Images");
        keeper.Plan(workspace, await _factory.Reconciler().PlanAsync(workspace, Ct));
        var reading = Task.Run(() => keeper.ReadReleasesAsync(Ct), Ct);
        reader.Asked.Wait(TimeSpan.FromMinutes(1), Ct).ShouldBeTrue();
        var taking = Task.Run(() => keeper.Take(live: null), Ct);
        var first = await Task.WhenAny(taking, Task.Delay(TimeSpan.FromSeconds(30), Ct));
        reader.Release.Set();
        await reading;
        first.ShouldBe(taking);
    }

    [Fact]
    public void What_is_wrong_with_the_repository_itself_is_shown()
    {
        var keeper = new StatusKeeper(_factory.Host(), _factory.Host(), "Images");
        var rule = new Rule("PL1", Severity.Error, "wrong");
        keeper.Read([Diagnostic.Create(rule, new SourceSpan("pipeline.yaml", 3, 3)), Diagnostic.Create(rule, new SourceSpan("images/kiosk/image.yaml", 1, 1))]);
        keeper.Plan(SampleImages.Workspace(), new(new([]) { InvalidImages = ["kiosk"] }, ImmutableSortedDictionary<string, PublishedRelease>.Empty));
        var shown = keeper.Take(live: null);
        shown.Mistakes.ShouldBe(["pipeline.yaml:3:3: error PL1: wrong"]);
        shown.Images.ShouldHaveSingleItem().Complaints.ShouldBe(["images/kiosk/image.yaml:1:1: error PL1: wrong"]);
    }

    /// <summary>Reads from a disk that does not answer.</summary>
    private sealed class StuckReader : IReleaseReader, IDisposable
    {
        public ManualResetEventSlim Asked { get; } = new();

        public ManualResetEventSlim Release { get; } = new();

        public Task<IReleaseFiles?> FindAsync(string image, string? version, CancellationToken ct)
        {
            Asked.Set();
            Release.Wait(ct);
            return Task.FromResult<IReleaseFiles?>(null);
        }

        public Task<ImmutableArray<ReleaseVersion>> ListAsync(string image, CancellationToken ct) => Task.FromResult<ImmutableArray<ReleaseVersion>>([]);

        public void Dispose()
        {
            Asked.Dispose();
            Release.Dispose();
        }
    }
}
