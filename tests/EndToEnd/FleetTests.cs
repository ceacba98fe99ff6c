using System.Text;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.EndToEnd;

/// <summary>
/// Fifty images on three sources in a real registry, worked on by the real program. The fleet of each test is its own;
/// all stand on one registry, under names of their own.
/// </summary>
public sealed class FleetTests(RegistryFixture fixture) : IClassFixture<RegistryFixture>, IDisposable
{
    private const int Images = 50;
    private static readonly string[] Sources = ["alpha", "beta", "gamma"];
    private readonly Fleet _fleet = new(fixture.Registry, keep: 2);
    private readonly string _prefix = $"team-{Guid.NewGuid():n}";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _fleet.Dispose();

    [Fact]
    public async Task A_tag_that_moves_rebuilds_exactly_what_stands_on_it_and_the_changelog_says_why()
    {
        await RaiseAsync(Images);
        var first = (await _fleet.RunAsync(Ct, "reconcile", "--json")).ShouldEndWith(0);
        Results(first).Values.ShouldAllBe(r => r == "released");
        Results(first).Count.ShouldBe(Images);
        ShouldBeWhole(Images, releases: 1);
        (await fixture.Registry.TakeRequestsAsync(Ct)).ShouldContain(r => r.StartsWith($"GET /v2/{_prefix}/beta/blobs/", StringComparison.Ordinal));
        _fleet.Commit("Add the fleet");

        await NothingToDoAsync();
        TestContext.Current.TestOutputHelper!.WriteLine($"nothing to do for {Images} images: {_fleet.Program.CpuTimeOf("reconcile", "--repo", _fleet.RootPath).TotalSeconds:0.0} s of CPU");

        var moved = await MoveAsync("beta");
        var onBeta = Names(Images).Where(n => SourceOf(n) == "beta").ToList();
        await MovedForOthersAsync("gamma");
        var plan = (await _fleet.RunAsync(Ct, "plan", "--json")).ShouldEndWith(0);
        plan.Objects("target").Where(t => t.GetProperty("state").GetString() == "stale").Select(t => t.GetProperty("image").GetString())
            .ShouldBe(onBeta, ignoreOrder: true);
        plan.Objects("target").Count.ShouldBe(Images);
        (await _fleet.RunAsync(Ct, "reconcile", "--dry-run", "--json")).ShouldEndWith(0);
        onBeta.ShouldAllBe(n => _fleet.Releases(n).Length == 1);

        var second = (await _fleet.RunAsync(Ct, "reconcile", "--json")).ShouldEndWith(0);
        Results(second).Where(r => r.Value == "released").Select(r => r.Key).ShouldBe(onBeta, ignoreOrder: true);
        Results(second).Where(r => !onBeta.Contains(r.Key)).ShouldAllBe(r => r.Value == "current");
        foreach (var name in onBeta)
            ShouldTell(name, moved);
        await NothingToDoAsync();

        // Retention: the third release takes the first away.
        var oldest = _fleet.Releases(onBeta[0])[0];
        (await _fleet.RunAsync(Ct, "reconcile", "--force", onBeta[0], "--json")).ShouldEndWith(0);
        _fleet.Releases(onBeta[0]).Length.ShouldBe(2);
        Directory.Exists(oldest).ShouldBeFalse();
        File.ReadAllText(Path.Combine(_fleet.Latest(onBeta[0]), "CHANGELOG.md")).ShouldContain("built again on request");
    }

    [Fact]
    public async Task What_cannot_be_built_does_not_stop_the_others_and_the_exit_code_tells()
    {
        await RaiseAsync(4);
        _fleet.AddImage("lost", $"{_prefix}/nowhere").AddImage("asleep", $"{_prefix}/nowhere", "suspend: true\n");
        var missing = (await _fleet.RunAsync(Ct, "reconcile", "--json")).ShouldEndWith(1);
        Results(missing)["lost"].ShouldBe("invalid");
        Results(missing)["asleep"].ShouldBe("suspended");
        var said = missing.Objects("diagnostic").Single(d => d.GetProperty("severity").GetString() == "error");
        said.GetProperty("file").GetString().ShouldBe("images/lost/image.yaml");
        said.GetProperty("line").GetInt32().ShouldBe(2);
        ShouldBeWhole(4, releases: 1);

        // An image whose programs are for another machine is found by building.
        File.Delete(Path.Combine(_fleet.RootPath, "images/lost/image.yaml"));
        var wrong = _fleet.System("linux/amd64", "wrong", machine: 183);
        await fixture.Registry.PushAsync(_fleet.Layout, wrong, $"{_prefix}/wrong", "1", Ct);
        _fleet.AddImage("wrong", $"{_prefix}/wrong").AddImage("late", $"{_prefix}/alpha");
        var failed = (await _fleet.RunAsync(Ct, "reconcile", "--json")).ShouldEndWith(4);
        Results(failed)["wrong"].ShouldBe("failed");
        Results(failed)["late"].ShouldBe("released");
        failed.Objects("diagnostic").Select(d => d.GetProperty("code").GetString()).ShouldContain("PL4021");
        _fleet.Releases("wrong").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_registry_that_is_down_keeps_the_last_releases()
    {
        using var registry = await DockerRegistry.StartAsync(Ct);
        using var fleet = new Fleet(registry);
        await fleet.PushAsync("base", ("one", "one"), Ct);
        await _fleet.PushAsync($"{_prefix}/alpha", ("one", "one"), Ct);
        fleet.AddImage("here", "base").Write("images/there/image.yaml",
            $"description: There\nsource: {fixture.Registry.Host}/{_prefix}/alpha:1\nboards: [plain]\noutputs: [disk]\n");
        (await fleet.RunAsync(Ct, "reconcile", "here", "--json")).ShouldEndWith(0);
        var before = fleet.Latest("here");
        registry.Stop();
        var run = (await fleet.RunAsync(Ct, "reconcile", "--json")).ShouldEndWith(3);
        Results(run)["here"].ShouldBe("unreachable");
        Results(run)["there"].ShouldBe("released");
        fleet.Latest("here").ShouldBe(before);
        Tool.Require("bash", "-c", $"cd {before} && sha256sum --quiet -c SHA256SUMS");
        await registry.RestartAsync(Ct);
        Results((await fleet.RunAsync(Ct, "reconcile", "--json")).ShouldEndWith(0)).Values.ShouldAllBe(r => r == "current");
    }

    [Fact]
    public async Task Two_at_once_make_one_release_of_each()
    {
        await RaiseAsync(6);
        var runs = await Task.WhenAll(_fleet.RunAsync(Ct, "reconcile", "--json"), _fleet.RunAsync(Ct, "reconcile", "--json"));
        foreach (var run in runs)
            Results(run.ShouldEndWith(0)).Values.ShouldAllBe(r => r == "released" || r == "releasedElsewhere" || r == "current");
        ShouldBeWhole(6, releases: 1);
        foreach (var name in Names(6))
            runs.Count(r => Results(r)[name] == "released").ShouldBe(1, name);
        Scratch.Of(_fleet).ShouldBeEmpty();
    }

    private static string SourceOf(string image) => Sources[int.Parse(image.AsSpan(^2)) % Sources.Length];

    private static List<string> Names(int count) => [.. Enumerable.Range(0, count).Select(i => $"image-{i:d2}")];

    private static Dictionary<string, string> Results(ProgramResult run) =>
        run.Objects("image").ToDictionary(i => i.GetProperty("image").GetString()!, i => i.GetProperty("result").GetString()!);

    private async Task RaiseAsync(int count)
    {
        foreach (var source in Sources)
            await _fleet.PushAsync($"{_prefix}/{source}", ($"{source}-first", "first"), Ct);
        foreach (var name in Names(count))
            _fleet.AddImage(name, $"{_prefix}/{SourceOf(name)}");
    }

    /// <summary>All is current, for one HEAD a source.</summary>
    private async Task NothingToDoAsync()
    {
        await fixture.Registry.TakeRequestsAsync(Ct);
        var run = (await _fleet.RunAsync(Ct, "reconcile", "--json")).ShouldEndWith(0);
        Results(run).Values.ShouldAllBe(r => r == "current");
        run.Objects("begin").ShouldNotContain(b => b.GetProperty("label").GetString()!.Contains("image-", StringComparison.Ordinal));
        var requests = (await fixture.Registry.TakeRequestsAsync(Ct)).Where(r => r.Contains(_prefix, StringComparison.Ordinal));
        requests.ShouldBe(Sources.Select(s => $"HEAD /v2/{_prefix}/{s}/manifests/1"), ignoreOrder: true);
    }

    private async Task<(string Old, string New)> MoveAsync(string source)
    {
        var old = _fleet.System("linux/amd64", $"{source}-first", 62);
        await _fleet.PushAsync($"{_prefix}/{source}", ($"{source}-second", "first"), Ct);
        return (old.Digest.Text, _fleet.System("linux/amd64", $"{source}-second", 62).Digest.Text);
    }

    /// <summary>The index moves for arm64 and gains attestations; what it holds for amd64 stays.</summary>
    private Task MovedForOthersAsync(string source) =>
        _fleet.PushAsync($"{_prefix}/{source}", ($"{source}-first", "second"), Ct, hasAttestations: true);

    private void ShouldTell(string image, (string Old, string New) moved)
    {
        _fleet.Releases(image).Length.ShouldBe(2);
        var changelog = File.ReadAllText(Path.Combine(_fleet.Latest(image), "CHANGELOG.md"));
        changelog.ShouldContain($"- `{image}/plain/disk`: a new base\n");
        changelog.ShouldContain($"| manifest | `{moved.Old}` | `{moved.New}` |");
        changelog.ShouldContain("| org.opencontainers.image.version | `beta-first` | `beta-second` |");
        DiskOf(image).ShouldContain("beta-second\n");
        DiskOf(image).ShouldContain(image + "\n");
    }

    private string DiskOf(string image) =>
        Encoding.Latin1.GetString(File.ReadAllBytes(Directory.EnumerateFiles(_fleet.Latest(image), "*.img").Single()));

    private void ShouldBeWhole(int count, int releases)
    {
        foreach (var name in Names(count))
        {
            _fleet.Releases(name).Length.ShouldBe(releases, name);
            Path.GetFullPath(_fleet.Latest(name)).ShouldBe(_fleet.Releases(name)[^1]);
            DiskOf(name).ShouldContain($"{SourceOf(name)}-first\n");
        }
        // One shell for all: fifty processes take longer than their work.
        Tool.Require("bash", "-c", $"for d in {_fleet.ReleasesPath}/*/latest/; do (cd $d && sha256sum --quiet -c SHA256SUMS) || exit 1; done");
    }
}
