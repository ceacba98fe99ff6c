using System.Collections.Immutable;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Planning;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Reconciling;

/// <summary>What an image says about when and from which tag it is built, through the whole line with fake registries and a clock that stands.</summary>
public sealed class PoliciesTests : IDisposable
{
    private readonly Factory _factory = new();
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public PoliciesTests() => _factory.Sources.Push("base:1", "amd64 v1", "arm64 v1");

    public void Dispose() => _factory.Dispose();

    [Fact]
    public async Task A_range_is_followed_to_its_highest_tag_and_the_repository_is_asked_once()
    {
        _factory.Sources.Push("os:41.1", "41.1", "41.1");
        _factory.Sources.Push("os:42.0", "42.0", "42.0");
        var workspace = SampleImages.Workspace(Following("kiosk", FollowKind.Semver, "^41 || ^42"), Following("nas", FollowKind.Semver, "^41"));
        await RunAsync(workspace);
        Source("kiosk").ShouldBe("os:42.0");
        Source("nas").ShouldBe("os:41.1");

        _factory.Sources.Push("os:42.1", "42.1", "42.1");
        var plan = await PlanAsync(workspace);
        plan.Steps.Select(s => s.State).ShouldBe([TargetState.Stale, TargetState.Current]);
        (await RunAsync(workspace))[0].Result.ShouldBe(ImageResult.Released);
        Source("kiosk").ShouldBe("os:42.1");
    }

    [Fact]
    public async Task No_tag_is_a_mistake_and_a_registry_that_is_down_is_waited_for()
    {
        var workspace = SampleImages.Workspace(Following("kiosk", FollowKind.Semver, "^9"));
        _factory.Sources.Push("os:1", "1", "1");
        var outcome = await RunAsync(workspace);
        outcome[0].Result.ShouldBe(ImageResult.Invalid);
        outcome[0].Diagnostics.Single().Message.ShouldBe("no tag of 'os' is meant by '^9'; the tags there are: 1; mend 'follow', or push such a tag");
        _factory.Sources.Down["os"] = new HttpRequestException("down");
        (await RunAsync(workspace))[0].Result.ShouldBe(ImageResult.Unreachable);
    }

    [Fact]
    public async Task A_source_that_is_too_young_waits_and_then_is_taken()
    {
        var workspace = SampleImages.Workspace(SampleImages.Image("kiosk", "base:1", "pc") with { MinimumAge = TimeSpan.FromDays(3) });
        _factory.Sources.Created["base:1"] = _factory.Clock.Now - TimeSpan.FromDays(5);
        (await RunAsync(workspace))[0].Result.ShouldBe(ImageResult.Released);
        _factory.Sources.Push("base:1", "amd64 v2", "arm64 v2");
        _factory.Sources.Created["base:1"] = _factory.Clock.Now - TimeSpan.FromHours(1);
        var plan = await PlanAsync(workspace);
        plan.Steps[0].State.ShouldBe(TargetState.Held);
        plan.Steps[0].Note.ShouldBe("its source is younger than 3 d until 2026-11-24 22:30 UTC");
        plan.Steps[0].Because.ShouldHaveSingleItem().Input.ShouldBe(InputNames.SourceManifest);
        (await RunAsync(workspace))[0].Result.ShouldBe(ImageResult.Held);
        _factory.Clock.Now += TimeSpan.FromDays(3);
        (await RunAsync(workspace))[0].Result.ShouldBe(ImageResult.Released);
    }

    [Fact]
    public async Task Of_followed_tags_the_highest_that_is_old_enough_is_taken()
    {
        foreach (var (tag, days) in new[] { ("1.0", 30), ("1.1", 10), ("1.2", 2), ("1.3", 1) })
        {
            _factory.Sources.Push($"os:{tag}", tag, tag);
            _factory.Sources.Created[$"os:{tag}"] = _factory.Clock.Now - TimeSpan.FromDays(days);
        }
        var workspace = SampleImages.Workspace(Following("kiosk", FollowKind.Semver, "^1") with { MinimumAge = TimeSpan.FromDays(7) });
        await RunAsync(workspace);
        Source("kiosk").ShouldBe("os:1.1");
    }

    [Fact]
    public async Task A_hold_keeps_the_last_release_and_force_passes()
    {
        var image = SampleImages.Image("kiosk", "base:1", "pc");
        await RunAsync(SampleImages.Workspace(image));
        _factory.Sources.Push("base:1", "amd64 v2", "arm64 v2");
        var held = SampleImages.Workspace(image with { Hold = new(_factory.Clock.Now + TimeSpan.FromHours(1), []) });
        (await PlanAsync(held)).Steps[0].Note.ShouldBe("held until 2026-11-22 00:30 UTC");
        (await RunAsync(held))[0].Result.ShouldBe(ImageResult.Held);
        (await _factory.Reconciler(force: true).RunOnceAsync(held, Ct)).Images[0].Result.ShouldBe(ImageResult.Released);
        _factory.Sources.Push("base:1", "amd64 v3", "arm64 v3");
        _factory.Clock.Now += TimeSpan.FromHours(1);
        (await RunAsync(held))[0].Result.ShouldBe(ImageResult.Released);
    }

    [Fact]
    public async Task What_was_built_is_released_beside_the_last_good_files_of_what_failed()
    {
        var image = SampleImages.Image("kiosk", "base:1", "pc", "pi") with { Publish = PublishPolicy.WhatBuilt };
        var workspace = SampleImages.Workspace(image);
        await RunAsync(workspace);
        var old = File.ReadAllText(Path.Combine(_factory.ShelfOf("kiosk"), "latest", "kiosk-pi.img"));
        _factory.Sources.Push("base:1", "amd64 v2", "arm64 v2");
        _factory.Builder.Broken.Add("kiosk/pi/disk");
        var outcome = await _factory.Reconciler().RunOnceAsync(workspace, Ct);
        outcome.Images[0].Result.ShouldBe(ImageResult.PartlyReleased);
        outcome.Status.ShouldBe(ReconcileStatus.SomeFailed);
        outcome.Images[0].Diagnostics.Select(d => d.Rule.Code).ShouldContain("PL3103");
        File.ReadAllText(Path.Combine(_factory.ShelfOf("kiosk"), "latest", "kiosk-pi.img")).ShouldBe(old);
        (await PlanAsync(workspace)).Steps.Select(s => s.State).ShouldBe([TargetState.Current, TargetState.Stale]);

        var strict = SampleImages.Workspace(image with { Publish = PublishPolicy.AllOrNothing });
        _factory.Sources.Push("base:1", "amd64 v3", "arm64 v3");
        (await RunAsync(strict))[0].Result.ShouldBe(ImageResult.Failed);
        (await PlanAsync(strict)).Steps.ShouldAllBe(s => s.State == TargetState.Stale);
    }

    [Fact]
    public async Task What_fails_is_told_in_the_plan_and_a_watch_waits_longer_each_time()
    {
        var workspace = SampleImages.Workspace(SampleImages.Image("kiosk", "base:1", "pc"));
        _factory.Builder.Broken.Add("kiosk/pc/disk");
        (await RunAsync(workspace))[0].Result.ShouldBe(ImageResult.Failed);
        var step = (await PlanAsync(workspace)).Steps[0];
        (step.State, step.Note).ShouldBe((TargetState.Stale, "failed once, last 2026-11-21 23:30 UTC: 'kiosk/pc/disk' does not fit"));

        _factory.BacksOff = true;
        (await RunAsync(workspace))[0].Result.ShouldBe(ImageResult.Held);
        _factory.Builder.Calls.Count.ShouldBe(1, "it was not tried again");
        _factory.Clock.Now += TimeSpan.FromMinutes(15);
        (await RunAsync(workspace))[0].Result.ShouldBe(ImageResult.Failed);
        (await PlanAsync(workspace)).Steps[0].Note.ShouldBe("failed 2 times, tried again after 2026-11-22 00:15 UTC: 'kiosk/pc/disk' does not fit");

        // Other inputs are another try.
        _factory.Sources.Push("base:1", "amd64 v2", "arm64 v2");
        (await RunAsync(workspace))[0].Result.ShouldBe(ImageResult.Failed);
        _factory.Builder.Broken.Clear();
        _factory.Clock.Now += TimeSpan.FromDays(1);
        (await RunAsync(workspace))[0].Result.ShouldBe(ImageResult.Released);
        (await PlanAsync(workspace)).Steps[0].Note.ShouldBeNull();
    }

    [Fact]
    public async Task What_the_outside_breaks_is_tried_again_sooner_and_ever_later_and_the_last_release_stays()
    {
        var host = new FakeReleaseHost();
        _factory.OtherHost = host;
        var workspace = SampleImages.Workspace(SampleImages.Image("kiosk", "base:1", "pc"));
        await RunAsync(workspace);
        _factory.Sources.Push("base:1", "amd64 v2", "arm64 v2");
        host.BreakBefore = "publish 2";
        _factory.BacksOff = true;
        var waits = new List<int>();
        for (var tries = 0; tries < 7; tries++)
        {
            (await RunAsync(workspace))[0].Diagnostics.Single().Rule.ShouldBe(ReconcilingRules.PublishInterrupted);
            var built = _factory.Builder.Calls.Count;
            var held = (await RunAsync(workspace))[0];
            (held.Result, held.IsFailing).ShouldBe((ImageResult.Held, true));
            _factory.Builder.Calls.Count.ShouldBe(built, "a host that is down is no reason to build again and again");
            held.Steps[0].Note.ShouldNotBeNull().ShouldStartWith($"failed {(tries == 0 ? "once" : $"{tries + 1} times")}, tried again after ");
            for (waits.Add(0); (await PlanAsync(workspace)).Steps[0].State == TargetState.Held; waits[^1]++)
                _factory.Clock.Now += TimeSpan.FromMinutes(1);
        }
        waits.ShouldBe([1, 2, 4, 8, 15, 15, 15]);
        (await host.ObserveAsync(["kiosk"], Ct))["kiosk"].Version.ShouldBe("1");
        host.BreakBefore = null;
        (await RunAsync(workspace))[0].Result.ShouldBe(ImageResult.Released);
        _factory.Sources.Push("base:1", "amd64 v1", "arm64 v1");
        await RunAsync(workspace);
        _factory.Sources.Push("base:1", "amd64 v2", "arm64 v2");
        (await PlanAsync(workspace)).Steps[0].Note.ShouldBeNull("what was released is forgotten");
    }

    [Fact]
    public async Task A_release_that_is_refused_waits_too()
    {
        var host = new FakeReleaseHost { Refuses = Publishing.GitHub.GitHubRules.NoToken };
        _factory.OtherHost = host;
        _factory.BacksOff = true;
        var workspace = SampleImages.Workspace(SampleImages.Image("kiosk", "base:1", "pc"));
        (await RunAsync(workspace))[0].Result.ShouldBe(ImageResult.Failed);
        (await RunAsync(workspace))[0].Result.ShouldBe(ImageResult.Held);
        _factory.Builder.Calls.Count.ShouldBe(1);
        host.Refuses = null;
        _factory.Clock.Now += TimeSpan.FromMinutes(1);
        (await RunAsync(workspace))[0].Result.ShouldBe(ImageResult.Released);
    }

    [Fact]
    public async Task A_damaged_memory_only_forgets()
    {
        var workspace = SampleImages.Workspace(SampleImages.Image("kiosk", "base:1", "pc"));
        _factory.Builder.Broken.Add("kiosk/pc/disk");
        await RunAsync(workspace);
        foreach (var file in Directory.EnumerateFiles(_factory.Temp["failures"]).ToList())
            File.WriteAllText(file, "{");
        (await PlanAsync(workspace)).Steps[0].Note.ShouldBeNull();
    }

    private static ImageManifest Following(string name, FollowKind kind, string text) =>
        SampleImages.Image(name, "os", "pc") with { Follow = new(kind, text, null, TagOrder.Semver, false, new($"images/{name}/image.yaml", 4, 9)) };

    private string Source(string image)
    {
        using var record = System.Text.Json.JsonDocument.Parse(File.ReadAllText(Path.Combine(_factory.ShelfOf(image), "latest", "inputs.json")));
        return record.RootElement.GetProperty("targets").EnumerateObject().Single().Value.GetProperty("observed").GetProperty("source.reference").GetString()!;
    }

    private async Task<ImmutableArray<ImageOutcome>> RunAsync(Workspace workspace) => (await _factory.Reconciler().RunOnceAsync(workspace, Ct)).Images;

    private async Task<BuildPlan> PlanAsync(Workspace workspace) => (await _factory.Reconciler().PlanAsync(workspace, Ct)).Plan;
}
