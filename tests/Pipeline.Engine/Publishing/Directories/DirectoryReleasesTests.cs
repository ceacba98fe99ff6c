using System.Diagnostics;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Reconciling;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Publishing.Directories;

public sealed class DirectoryReleasesTests : IDisposable
{
    private readonly Factory _factory = new();
    private readonly Workspace _workspace = SampleImages.Workspace(SampleImages.Image("kiosk", "base:1", "pc", "pi"));
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public DirectoryReleasesTests() => _factory.Sources.Push("base:1", "amd64 v1", "arm64 v1");

    public void Dispose() => _factory.Dispose();

    private string Shelf => _factory.ShelfOf("kiosk");

    [Fact]
    public async Task A_release_is_what_sha256sum_says()
    {
        var release = await ReleaseAsync();
        Directory.GetFiles(release).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal)
            .ShouldBe(["CHANGELOG.md", "SHA256SUMS", "inputs.json", "kiosk-pc.img", "kiosk-pi.img", "kiosk.changes.json"]);
        Verify(release).ExitCode.ShouldBe(0);
        Damage.FlipBit(Path.Combine(release, "kiosk-pi.img"), 3);
        Verify(release).Output.ShouldContain("kiosk-pi.img: FAILED");
    }

    [Fact]
    public async Task Latest_is_a_relative_link_that_survives_moving_the_store()
    {
        await ReleaseAsync();
        new FileInfo(Path.Combine(Shelf, "latest")).LinkTarget.ShouldBe("20261121.0");
        Directory.Move(_factory.Store, _factory.Temp["elsewhere"]);
        File.Exists(_factory.Temp["elsewhere/kiosk/latest/inputs.json"]).ShouldBeTrue();
    }

    [Fact]
    public async Task Versions_go_by_day_and_serial_and_never_back()
    {
        await ReleaseAsync();
        (await ReleaseAsync()).ShouldEndWith("20261121.1");
        _factory.Clock.Now = _factory.Clock.Now.AddDays(1);
        (await ReleaseAsync()).ShouldEndWith("20261122.0");
        _factory.Clock.Now = _factory.Clock.Now.AddDays(-10);
        (await ReleaseAsync()).ShouldEndWith("20261122.1");
    }

    /// <summary>
    /// Dies before each step in turn, of a second release with retention, and looks at the store as a reader would; then
    /// runs again. "Dies": no further step is done, the lock is gone, as after SIGKILL.
    /// </summary>
    [Fact]
    public async Task Dying_at_any_step_shows_no_half_release_and_the_next_run_completes()
    {
        var steps = new List<string>();
        _factory.Checkpoint = steps.Add;
        await RoundAsync("v0");
        steps.Clear();
        await RoundAsync("v1");
        steps.ShouldBe(
            [
                "stage", "add kiosk-pc.img", "add kiosk-pi.img", "write inputs.json", "write CHANGELOG.md", "write kiosk.changes.json", "write SHA256SUMS",
                "point", "publish", "latest", "discard", "delete",
            ]);
        for (var death = 0; death < steps.Count; death++)
        {
            var step = steps[death];
            var count = 0;
            var content = $"v{death + 2}";
            _factory.Checkpoint = _ =>
            {
                if (count++ >= death)
                    throw new KilledException();
            };
            await Should.ThrowAsync<KilledException>(() => RoundAsync(content), step);
            _factory.Checkpoint = _ => { };
            ShouldBeWhole(step);

            await RoundAsync(content);

            ShouldBeWhole(step + ", run again");
            Directory.GetFileSystemEntries(Shelf).Select(f => Path.GetFileName(f)!).Where(n => n.StartsWith('.')).ShouldBe([".lock"], step);
            Directory.GetDirectories(Shelf, "2026*").Length.ShouldBe(1, step);
            File.ReadAllText(Path.Combine(Shelf, "latest", "inputs.json")).ShouldContain(Manifest(content), Case.Sensitive, step);
        }
    }

    [Fact]
    public async Task A_rerun_after_death_between_release_and_pointer_only_moves_the_pointer()
    {
        await ReleaseAsync();
        _factory.Checkpoint = step => Die(step == "latest");
        await Should.ThrowAsync<KilledException>(() => ReleaseAsync());
        _factory.Checkpoint = _ => { };
        Latest().ShouldBe("20261121.0");
        var outcome = await _factory.Reconciler().RunOnceAsync(_workspace, Ct);
        outcome.Images[0].Result.ShouldBe(ImageResult.Current);
        Latest().ShouldBe("20261121.1");
    }

    [Fact]
    public async Task A_pointer_that_somebody_turned_back_stays_and_its_release_is_not_pruned()
    {
        await ReleaseAsync();
        await ReleaseAsync();
        File.Delete(Path.Combine(Shelf, "latest"));
        File.CreateSymbolicLink(Path.Combine(Shelf, "latest"), "20261121.0");
        (await _factory.Reconciler().RunOnceAsync(_workspace, Ct)).Images[0].Result.ShouldBe(ImageResult.Current);
        Latest().ShouldBe("20261121.0");
        (await _factory.Host().PruneAsync("kiosk", 1, Ct)).ShouldBeEmpty();
        Directory.GetDirectories(Shelf, "2026*").Length.ShouldBe(2);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("20251231.0")]
    public async Task A_pointer_that_is_gone_or_leads_nowhere_is_restored(string? target)
    {
        await ReleaseAsync();
        File.Delete(Path.Combine(Shelf, "latest"));
        if (target is not null)
            File.CreateSymbolicLink(Path.Combine(Shelf, "latest"), target);
        await _factory.Reconciler().RunOnceAsync(_workspace, Ct);
        Latest().ShouldBe("20261121.0");
    }

    [Fact]
    public async Task Two_reconcilers_at_once_end_with_one_release()
    {
        var arrived = new SemaphoreSlim(0);
        _factory.Builder.Meanwhile = async token =>
        {
            // Both have planned before either publishes.
            arrived.Release();
            while (arrived.CurrentCount < 2)
                await Task.Delay(5, token);
        };
        var workspace = SampleImages.Workspace(SampleImages.Image("kiosk", "base:1", "pc"));
        var both = await Task.WhenAll(
            _factory.Reconciler(scratch: "a").RunOnceAsync(workspace, Ct), _factory.Reconciler(scratch: "b").RunOnceAsync(workspace, Ct));
        both.Select(o => o.Images[0].Result).Order().ShouldBe([ImageResult.Released, ImageResult.ReleasedElsewhere]);
        both.Select(o => o.Images[0].Release!.Location).Distinct().ShouldHaveSingleItem();
        both.ShouldAllBe(o => o.Status == ReconcileStatus.Done);
        Directory.GetDirectories(Shelf, "2026*").ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Being_overtaken_with_other_inputs_is_told_and_releases_nothing()
    {
        await ReleaseAsync();
        var late = _factory.Reconciler(scratch: "late");
        _factory.Sources.Push("base:1", "late", "late");
        _factory.Builder.Meanwhile = async _ =>
        {
            _factory.Builder.Meanwhile = _ => Task.CompletedTask;
            _factory.Sources.Push("base:1", "early", "early");
            await _factory.Reconciler().RunOnceAsync(_workspace, Ct);
        };
        var outcome = await late.RunOnceAsync(_workspace, Ct);
        outcome.Status.ShouldBe(ReconcileStatus.SomeFailed);
        outcome.Images[0].Diagnostics.ShouldHaveSingleItem().Rule.ShouldBe(PublishingRules.Overtaken);
        Latest().ShouldBe("20261121.1");
    }

    [Fact]
    public async Task A_lock_held_by_a_living_publisher_is_waited_for_and_its_work_is_not_cleaned_away()
    {
        Directory.CreateDirectory(Shelf);
        var host = new DirectoryReleases(_factory.Store, _factory.Clock) { LockPatience = TimeSpan.FromMilliseconds(120) };
        await using var draft = await host.OpenAsync("kiosk", Ct);
        await host.RecoverAsync(["kiosk"], Ct);
        Directory.Exists(Path.Combine(Shelf, ".staging-20261121.0")).ShouldBeTrue();
        var e = await Should.ThrowAsync<IOException>(() => host.OpenAsync("kiosk", Ct));
        e.Message.ShouldContain("another process has held");
    }

    [Fact]
    public async Task The_lock_of_another_process_counts_and_goes_with_it()
    {
        Directory.CreateDirectory(Shelf);
        var path = Path.Combine(Shelf, ".lock");
        using var other = Process.Start(new ProcessStartInfo("flock", [path, "sh", "-c", "echo held; exec sleep 600"]) { RedirectStandardOutput = true })!;
        await other.StandardOutput.ReadLineAsync(Ct);
        ReleaseLock.TryAcquire(path).ShouldBeNull();
        other.Kill(entireProcessTree: true);
        await other.WaitForExitAsync(Ct);
        using var held = await ReleaseLock.AcquireAsync(path, TimeSpan.FromMinutes(5), Ct);
    }

    [Theory]
    [InlineData("not json", "{")]
    [InlineData("of a later format", "{\"format\":2,\"image\":\"kiosk\",\"version\":\"20261121.0\",\"labels\":{},\"targets\":{}}")]
    [InlineData("empty", "")]
    [InlineData("gone", null)]
    [InlineData("a link that goes round", "link")]
    public async Task A_record_that_cannot_be_read_is_told_and_all_is_built_anew(string what, string? record)
    {
        var release = await ReleaseAsync();
        File.Delete(Path.Combine(release, "inputs.json"));
        if (record == "link")
            File.CreateSymbolicLink(Path.Combine(release, "inputs.json"), "inputs.json");
        else if (record is not null)
            await File.WriteAllTextAsync(Path.Combine(release, "inputs.json"), record, Ct);
        var outcome = await _factory.Reconciler().RunOnceAsync(_workspace, Ct);
        outcome.Images[0].Diagnostics.ShouldHaveSingleItem(what).Rule.ShouldBe(PublishingRules.UnreadableRecord);
        outcome.Images[0].Release!.Version.ShouldBe("20261121.1");
        outcome.Status.ShouldBe(ReconcileStatus.Done);
    }

    [Fact]
    public async Task Names_that_a_host_might_change_are_refused()
    {
        var host = _factory.Host();
        await using var draft = await host.OpenAsync("kiosk", Ct);
        await Should.ThrowAsync<ArgumentException>(() => draft.WriteAsync("../escape", default, Ct));
        await Should.ThrowAsync<ArgumentException>(() => host.OpenAsync("../escape", Ct));
    }

    [Fact]
    public async Task A_copy_keeps_holes_and_refuses_bytes_that_are_not_the_digest()
    {
        var content = new byte[3 << 20];
        content[5] = 1;
        content[^1] = 2;
        var digest = Core.Units.Digest.Sha256(content);
        await File.WriteAllBytesAsync(_factory.Temp["from"], content, Ct);
        await SparseCopy.CopyAsync(_factory.Temp["from"], _factory.Temp["to"], digest, Ct);
        (await File.ReadAllBytesAsync(_factory.Temp["to"], Ct)).ShouldBe(content);
        int.Parse(Tool.Require("stat", "-c", "%b", _factory.Temp["to"])).ShouldBeLessThan(64);
        Damage.FlipBit(_factory.Temp["from"], 100);
        await Should.ThrowAsync<InvalidDataException>(() => SparseCopy.CopyAsync(_factory.Temp["from"], _factory.Temp["bad"], digest, Ct));
    }

    private async Task<string> ReleaseAsync() =>
        (await _factory.Reconciler(force: true).RunOnceAsync(_workspace, Ct)).Images[0].Release!.Location;

    private async Task RoundAsync(string content)
    {
        _factory.Sources.Push("base:1", content, content);
        await _factory.Reconciler(scratch: "scratch-" + content).RunOnceAsync(_workspace with { Config = new() { KeepReleases = 1 } }, Ct);
    }

    private static string Manifest(string content) =>
        Core.Units.Digest.Sha256(System.Text.Encoding.UTF8.GetBytes($"manifest linux/amd64 {content}")).Text;

    private void ShouldBeWhole(string step)
    {
        var versions = Directory.GetDirectories(Shelf, "2026*");
        versions.ShouldNotBeEmpty(step);
        foreach (var version in versions)
            Verify(version).ExitCode.ShouldBe(0, step);
        Verify(Path.Combine(Shelf, "latest")).ExitCode.ShouldBe(0, step);
    }

    private string? Latest() => new FileInfo(Path.Combine(Shelf, "latest")).LinkTarget;

    private static void Die(bool now)
    {
        if (now)
            throw new KilledException();
    }

    private static ToolResult Verify(string release) =>
        Tool.Run(new ProcessStartInfo("sha256sum", ["-c", "SHA256SUMS"]) { WorkingDirectory = release });

    private sealed class KilledException : Exception;
}
