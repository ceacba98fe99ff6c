using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Planning;
using Pipeline.Engine.Resolving;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Reconciling;

public sealed class ReconcilerTests : IDisposable
{
    private readonly Factory _factory = new();
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ReconcilerTests() => _factory.Sources.Push("base:1", "amd64 v1", "arm64 v1");

    public void Dispose() => _factory.Dispose();

    [Fact]
    public async Task A_second_run_builds_nothing_and_asks_once_for_each_reference()
    {
        var workspace = SampleImages.Workspace(SampleImages.Image("kiosk", "base:1", "pc", "pi"), SampleImages.Image("nas", "base:1", "pc"));
        var first = await _factory.Reconciler().RunOnceAsync(workspace, Ct);
        first.Images.Select(i => (i.Image, i.Result)).ShouldBe([("kiosk", ImageResult.Released), ("nas", ImageResult.Released)]);
        _factory.Builder.Calls.Clear();
        _factory.Sources.Looks.Clear();

        var second = await _factory.Reconciler().RunOnceAsync(workspace, Ct);

        second.Status.ShouldBe(ReconcileStatus.Done);
        second.Images.ShouldAllBe(i => i.Result == ImageResult.Current);
        second.Summary.ShouldBe("2 images: 2 current");
        _factory.Builder.Calls.ShouldBeEmpty();
        _factory.Sources.Looks.ShouldBe(["base:1"]);
        Directory.GetDirectories(_factory.ShelfOf("kiosk"), "2026*").Length.ShouldBe(1);
    }

    [Fact]
    public async Task Fifty_manifests_on_three_sources_and_exactly_the_dependents_of_the_one_that_moved_are_stale()
    {
        string[] bases = ["base:1", "base:2", "base:3"];
        foreach (var reference in bases)
            _factory.Sources.Push(reference, reference, reference);
        var images = Enumerable.Range(0, 50).Select(i => SampleImages.Image($"image{i:00}", bases[i % 3], i % 2 == 0 ? "pc" : "pi")).ToArray();
        var workspace = SampleImages.Workspace(images);
        (await _factory.Reconciler().RunOnceAsync(workspace, Ct)).Status.ShouldBe(ReconcileStatus.Done);
        _factory.Builder.Calls.Clear();
        _factory.Sources.Looks.Clear();
        _factory.Sources.Push("base:2", "moved", "moved", version: "2");

        var outcome = await _factory.Reconciler().RunOnceAsync(workspace, Ct);

        var expected = images.Where(i => i.Source.Text == "base:2").Select(i => i.Name).ToList();
        expected.Count.ShouldBe(17);
        outcome.Images.Where(i => i.Result == ImageResult.Released).Select(i => i.Image).ShouldBe(expected);
        outcome.Images.Where(i => i.Result == ImageResult.Current).Count().ShouldBe(33);
        _factory.Builder.Calls.Count.ShouldBe(17);
        _factory.Sources.Looks.Order().ShouldBe(bases);
        File.ReadAllText(Path.Combine(_factory.ShelfOf("image01"), "latest", "CHANGELOG.md"))
            .ShouldContain(": a new base\n");
    }

    [Fact]
    public async Task An_index_that_moved_for_another_platform_or_an_attestation_is_not_stale()
    {
        var workspace = SampleImages.Workspace(SampleImages.Image("kiosk", "base:1", "pc"));
        await _factory.Reconciler().RunOnceAsync(workspace, Ct);
        _factory.Sources.Push("base:1", "amd64 v1", "arm64 v2");
        (await _factory.Reconciler().RunOnceAsync(workspace, Ct)).Images[0].Result.ShouldBe(ImageResult.Current);
        _factory.Sources.Push("base:1", "amd64 v1", "arm64 v2", attestation: "signed");
        (await _factory.Reconciler().RunOnceAsync(workspace, Ct)).Images[0].Result.ShouldBe(ImageResult.Current);
        _factory.Sources.Push("base:1", "amd64 v2", "arm64 v2");
        (await _factory.Reconciler().RunOnceAsync(workspace, Ct)).Images[0].Result.ShouldBe(ImageResult.Released);
    }

    [Fact]
    public async Task One_failing_image_of_five_stops_no_other()
    {
        var workspace = SampleImages.Workspace([.. "abcde".Select(c => SampleImages.Image($"{c}", "base:1", "pc", "pi"))]);
        _factory.Builder.Broken.Add("c/pi/disk");

        var outcome = await _factory.Reconciler().RunOnceAsync(workspace, Ct);

        outcome.Status.ShouldBe(ReconcileStatus.SomeFailed);
        outcome.Summary.ShouldBe("5 images: 4 released, 1 failed");
        var failed = outcome.Images.Single(i => i.Result == ImageResult.Failed);
        failed.Image.ShouldBe("c");
        failed.Diagnostics.Select(d => d.Rule.Code).ShouldBe(["PL4901", "PL3101"]);
        failed.Diagnostics[1].Message.ShouldBe("nothing of image 'c' is released, because 1 of its 2 targets failed (pi); its last release stays");
        Directory.Exists(_factory.ShelfOf("c")).ShouldBeFalse("the good board of a failed image is not released alone");
        Directory.Exists(_factory.Temp["scratch/c"]).ShouldBeFalse("nothing is left behind");
    }

    [Theory]
    [InlineData("disk full")]
    [InlineData("connection lost")]
    [InlineData("digest")]
    [InlineData("timeout")]
    public async Task Failures_of_the_outside_say_try_again(string what)
    {
        _factory.Builder.Throws["bad"] = what switch
        {
            "disk full" => new IOException(what),
            "connection lost" => new HttpRequestException(what),
            "digest" => new InvalidDataException(what),
            _ => new TaskCanceledException(what),
        };
        var workspace = SampleImages.Workspace(SampleImages.Image("bad", "base:1", "pc"), SampleImages.Image("good", "base:1", "pc"));

        var outcome = await _factory.Reconciler().RunOnceAsync(workspace, Ct);

        outcome.Status.ShouldBe(ReconcileStatus.TryAgain);
        outcome.Images[0].Diagnostics.ShouldHaveSingleItem().ToString()
            .ShouldBe($"images/bad/image.yaml:1:1: error PL9101: image 'bad' could not be built ({what}); its last release stays, try again");
        outcome.Images[1].Result.ShouldBe(ImageResult.Released);
    }

    [Fact]
    public async Task A_bug_is_not_swallowed()
    {
        _factory.Builder.Throws["kiosk"] = new InvalidOperationException("ours");
        var workspace = SampleImages.Workspace(SampleImages.Image("kiosk", "base:1", "pc"));
        await Should.ThrowAsync<InvalidOperationException>(() => _factory.Reconciler().RunOnceAsync(workspace, Ct));
    }

    [Fact]
    public async Task An_unreachable_registry_keeps_the_last_release_and_the_others_go_on()
    {
        _factory.Sources.Push("other:1", "x", "x");
        var workspace = SampleImages.Workspace(SampleImages.Image("kiosk", "base:1", "pc"), SampleImages.Image("nas", "other:1", "pc"));
        await _factory.Reconciler().RunOnceAsync(workspace, Ct);
        _factory.Sources.Down["base:1"] = new HttpRequestException("connection refused");
        _factory.Sources.Push("other:1", "y", "y");

        var outcome = await _factory.Reconciler().RunOnceAsync(workspace, Ct);

        outcome.Images.Select(i => i.Result).ShouldBe([ImageResult.Unreachable, ImageResult.Released]);
        outcome.Status.ShouldBe(ReconcileStatus.TryAgain);
        Directory.Exists(Path.Combine(_factory.ShelfOf("kiosk"), "latest")).ShouldBeTrue();
        _factory.Reporter.Diagnostics.ShouldContain(d => d.Rule == ResolvingRules.Unreachable && d.Span!.Line == 3);
    }

    [Fact]
    public async Task Suspended_images_are_not_looked_at_and_force_does_not_wake_them()
    {
        var workspace = SampleImages.Workspace(SampleImages.Image("kiosk", "nowhere:1", "pc") with { IsSuspended = true });
        var outcome = await _factory.Reconciler(force: true).RunOnceAsync(workspace, Ct);
        outcome.Images.ShouldHaveSingleItem().Result.ShouldBe(ImageResult.Suspended);
        outcome.Status.ShouldBe(ReconcileStatus.Done);
        _factory.Sources.Looks.ShouldBeEmpty();
    }

    [Fact]
    public async Task Force_builds_what_is_current_and_the_release_says_so()
    {
        var workspace = SampleImages.Workspace(SampleImages.Image("kiosk", "base:1", "pc"));
        await _factory.Reconciler().RunOnceAsync(workspace, Ct);
        var outcome = await _factory.Reconciler(force: true).RunOnceAsync(workspace, Ct);
        outcome.Images[0].Release!.Version.ShouldBe("20261121.1");
        File.ReadAllText(Path.Combine(_factory.ShelfOf("kiosk"), "latest", "CHANGELOG.md")).ShouldContain("built again on request");
    }

    [Fact]
    public async Task Boards_that_are_not_stale_are_carried_over_without_a_copy()
    {
        var workspace = SampleImages.Workspace(SampleImages.Image("kiosk", "base:1", "pc", "pi"));
        await _factory.Reconciler().RunOnceAsync(workspace, Ct);
        _factory.Builder.Calls.Clear();
        _factory.Sources.Push("base:1", "amd64 v1", "arm64 v2");

        var outcome = await _factory.Reconciler().RunOnceAsync(workspace, Ct);

        _factory.Builder.Calls.ShouldBe(["kiosk/pi/disk"]);
        var release = outcome.Images[0].Release!.Location;
        Inode(Path.Combine(release, "kiosk-pc.img")).ShouldBe(Inode(Path.Combine(_factory.ShelfOf("kiosk"), "20261121.0", "kiosk-pc.img")));
        Inode(Path.Combine(release, "kiosk-pi.img")).ShouldNotBe(Inode(Path.Combine(_factory.ShelfOf("kiosk"), "20261121.0", "kiosk-pi.img")));
        Tool.Run(new System.Diagnostics.ProcessStartInfo("sha256sum", ["-c", "SHA256SUMS"]) { WorkingDirectory = release }).ExitCode.ShouldBe(0);
    }

    [Fact]
    public async Task A_damaged_release_is_noticed_and_built_again()
    {
        var workspace = SampleImages.Workspace(SampleImages.Image("kiosk", "base:1", "pc", "pi"));
        await _factory.Reconciler().RunOnceAsync(workspace, Ct);
        _factory.Builder.Calls.Clear();
        File.Delete(Path.Combine(_factory.ShelfOf("kiosk"), "latest", "kiosk-pi.img"));

        var outcome = await _factory.Reconciler().RunOnceAsync(workspace, Ct);

        outcome.Images[0].Steps.Select(s => string.Join(';', s.Because)).ShouldBe(["", "last release lost kiosk-pi.img"]);
        _factory.Builder.Calls.ShouldBe(["kiosk/pi/disk"]);
        File.Exists(Path.Combine(_factory.ShelfOf("kiosk"), "latest", "kiosk-pc.img")).ShouldBeTrue();
    }

    [Fact]
    public async Task Boards_of_one_platform_are_built_in_one_call()
    {
        var boards = new[] { "pc", "server", "pi" }.Select(n => SampleImages.Board(n, n == "pi" ? SampleImages.Arm64 : SampleImages.Amd64));
        var workspace = SampleImages.Workspace(SampleImages.Image("kiosk", "base:1", "pc", "pi", "server")) with
        {
            Boards = boards.ToImmutableSortedDictionary(b => b.Name, b => b, StringComparer.Ordinal),
        };
        await _factory.Reconciler().RunOnceAsync(workspace, Ct);
        _factory.Builder.Calls.Order().ShouldBe(["kiosk/pc/disk+kiosk/server/disk", "kiosk/pi/disk"]);
    }

    [Fact]
    public async Task Invalid_manifests_and_sources_are_exit_one_and_the_others_are_released()
    {
        var workspace = SampleImages.Workspace(
            SampleImages.Image("absent", "nowhere:1", "pc"),
            SampleImages.Image("boardless", "base:1", "pc", "toaster"),
            SampleImages.Image("good", "base:1", "pc")) with
        { InvalidImages = ["scribble"] };

        var outcome = await _factory.Reconciler().RunOnceAsync(workspace, Ct);

        outcome.Status.ShouldBe(ReconcileStatus.InvalidInput);
        outcome.Images.Select(i => $"{i.Image} {i.Result}").ShouldBe(["absent Invalid", "boardless Invalid", "good Released", "scribble Invalid"]);
        outcome.Images[0].Diagnostics[0].ToString().ShouldBe("images/absent/image.yaml:3:9: error PL2901: 'nowhere:1' is not there");
        outcome.Images[1].Diagnostics[0].Span!.Line.ShouldBe(6);
    }

    [Fact]
    public async Task No_more_images_at_once_than_the_limit()
    {
        var three = new TaskCompletionSource();
        var begun = 0;
        _factory.Builder.Meanwhile = async token =>
        {
            // Nobody goes on before as many work as may: a limit that is too low would never end, one that is too high lets a fourth in.
            if (Interlocked.Increment(ref begun) >= 3)
                three.TrySetResult();
            await three.Task.WaitAsync(token);
        };
        var workspace = SampleImages.Workspace([.. "abcdefgh".Select(c => SampleImages.Image($"{c}", "base:1", "pc"))]);
        await _factory.Reconciler(parallel: 3).RunOnceAsync(workspace, Ct);
        _factory.Builder.MostRunning.ShouldBe(3);
    }

    [Fact]
    public async Task Old_releases_go_and_the_newest_stay()
    {
        var workspace = SampleImages.Workspace(SampleImages.Image("kiosk", "base:1", "pc")) with { Config = new() { KeepReleases = 2 } };
        for (var round = 0; round < 4; round++)
            await _factory.Reconciler(force: true).RunOnceAsync(workspace, Ct);
        Directory.GetDirectories(_factory.ShelfOf("kiosk")).Select(d => Path.GetFileName(d)!).Order(StringComparer.Ordinal)
            .ShouldBe(["20261121.2", "20261121.3", "latest"]);
    }

    [Fact]
    public async Task A_selection_of_boards_carries_the_others_over()
    {
        var workspace = SampleImages.Workspace(SampleImages.Image("kiosk", "base:1", "pc", "pi"), SampleImages.Image("nas", "base:1", "pc"));
        await _factory.Reconciler().RunOnceAsync(workspace, Ct);
        _factory.Sources.Push("base:1", "amd64 v2", "arm64 v2");
        var outcome = await _factory.Reconciler(selection: new(["kiosk"], ["pc"])).RunOnceAsync(workspace, Ct);
        outcome.Images.ShouldHaveSingleItem().Release!.Version.ShouldBe("20261121.1");
        var plan = await _factory.Reconciler().PlanAsync(workspace, Ct);
        plan.Plan.Steps.Select(s => (s.Target.Id, s.State)).ShouldBe(
            [("kiosk/pc/disk", TargetState.Current), ("kiosk/pi/disk", TargetState.Stale), ("nas/pc/disk", TargetState.Stale)]);
    }

    [Fact]
    public async Task A_plan_changes_nothing()
    {
        var workspace = SampleImages.Workspace(SampleImages.Image("kiosk", "base:1", "pc"));
        var plan = await _factory.Reconciler().PlanAsync(workspace, Ct);
        plan.Plan.Steps[0].State.ShouldBe(TargetState.Stale);
        Directory.GetFileSystemEntries(_factory.Temp.Path).ShouldBeEmpty();
    }

    [Fact]
    public async Task Watching_goes_round_until_it_is_cancelled()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var workspace = SampleImages.Workspace(SampleImages.Image("kiosk", "base:1", "pc"));
        var told = new List<string>();
        await _factory.Reconciler().WatchAsync(
            _ => Task.FromResult<Result<Workspace>>(workspace),
            new(TimeSpan.FromMilliseconds(1), TimeProvider.System),
            outcome =>
            {
                told.Add(outcome.Summary);
                if (told.Count == 3)
                    stop.Cancel();
                return Task.CompletedTask;
            },
            stop.Token);
        told.ShouldBe(["1 image: released", "1 image: current", "1 image: current"]);
    }

    [Fact]
    public async Task Watching_survives_manifests_that_cannot_be_read()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var reads = 0;
        await _factory.Reconciler().WatchAsync(
            _ => ++reads == 1
                ? throw new IOException("a checkout is under way")
                : Task.FromResult<Result<Workspace>>(SampleImages.Workspace(SampleImages.Image("kiosk", "base:1", "pc"))),
            new(TimeSpan.FromMilliseconds(1), TimeProvider.System),
            _ => stop.CancelAsync(),
            stop.Token);
        reads.ShouldBe(2);
        _factory.Reporter.Diagnostics.ShouldContain(d => d.Rule == ReconcilingRules.RepositoryUnreadable);
    }

    [Fact]
    public async Task A_store_that_cannot_be_read_is_told_once_and_nothing_is_built()
    {
        _factory.OtherHost = new FakeReleaseHost { Down = new HttpRequestException("no route") };
        var outcome = await _factory.Reconciler().RunOnceAsync(SampleImages.Workspace(SampleImages.Image("kiosk", "base:1", "pc")), Ct);
        outcome.Status.ShouldBe(ReconcileStatus.TryAgain);
        outcome.Diagnostics.ShouldHaveSingleItem().Rule.ShouldBe(ReconcilingRules.StoreUnreachable);
        _factory.Builder.Calls.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_host_that_is_no_directory_gets_the_same_releases()
    {
        var host = new FakeReleaseHost();
        _factory.OtherHost = host;
        var workspace = SampleImages.Workspace(SampleImages.Image("kiosk", "base:1", "pc", "pi"));
        await _factory.Reconciler().RunOnceAsync(workspace, Ct);
        (await _factory.Reconciler().RunOnceAsync(workspace, Ct)).Images[0].Result.ShouldBe(ImageResult.Current);
        _factory.Sources.Push("base:1", "amd64 v2", "arm64 v1");
        await _factory.Reconciler().RunOnceAsync(workspace, Ct);
        host.Events.ShouldBe(
            [
                "add kiosk-pc.img", "add kiosk-pi.img", "write inputs.json", "write CHANGELOG.md", "write kiosk.changes.json", "write SHA256SUMS", "publish 1",
                "add kiosk-pc.img", "carry kiosk-pi.img", "write inputs.json", "write CHANGELOG.md", "write kiosk.changes.json", "write SHA256SUMS", "publish 2",
            ]);
    }

    [Fact]
    public async Task A_draft_whose_upload_broke_is_completed_by_the_next_run()
    {
        var host = new FakeReleaseHost { BreakBefore = "write SHA256SUMS" };
        _factory.OtherHost = host;
        var workspace = SampleImages.Workspace(SampleImages.Image("kiosk", "base:1", "pc"));
        var broken = await _factory.Reconciler().RunOnceAsync(workspace, Ct);
        broken.Status.ShouldBe(ReconcileStatus.TryAgain);
        broken.Images[0].Diagnostics.ShouldHaveSingleItem().Rule.ShouldBe(ReconcilingRules.PublishInterrupted);
        host.BreakBefore = null;
        host.Events.Clear();
        (await _factory.Reconciler().RunOnceAsync(workspace, Ct)).Images[0].Release!.Version.ShouldBe("1");
        host.Events.ShouldBe(["there kiosk-pc.img", "write inputs.json", "write CHANGELOG.md", "write kiosk.changes.json", "write SHA256SUMS", "publish 1"]);
    }

    [Fact]
    public async Task Cancelling_a_round_leaves_nothing_behind()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        _factory.Builder.Meanwhile = async token =>
        {
            await stop.CancelAsync();
            await Task.Delay(Timeout.Infinite, token);
        };
        var workspace = SampleImages.Workspace(SampleImages.Image("kiosk", "base:1", "pc"));
        await Should.ThrowAsync<OperationCanceledException>(() => _factory.Reconciler().RunOnceAsync(workspace, stop.Token));
        Directory.Exists(_factory.ShelfOf("kiosk")).ShouldBeFalse();
        Directory.Exists(_factory.Temp["scratch/kiosk"]).ShouldBeFalse();
    }

    [Theory]
    [InlineData(2, 64L << 30, 1)]
    [InlineData(16, 64L << 30, 8)]
    [InlineData(16, 1L << 30, 2)]
    [InlineData(1, 1L << 20, 1)]
    public void Limits_follow_cores_and_memory(int cores, long memory, int images) =>
        BuildLimits.For(cores, memory).ParallelImages.ShouldBe(images);

    private static string Inode(string path) => Tool.Require("stat", "-c", "%i", path);
}
