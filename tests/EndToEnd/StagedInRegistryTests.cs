using System.Net.Http.Json;
using System.Text.Json;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.EndToEnd;

/// <summary>Machines that see no common file system: each has a home and a clone of its own, and brings its work to a registry.</summary>
public sealed class StagedInRegistryTests(RegistryFixture fixture) : IClassFixture<RegistryFixture>, IDisposable
{
    private const int Images = 6;
    private static readonly string[] Sources = ["alpha", "beta", "gamma"];
    private readonly Fleet _fleet = new(fixture.Registry);
    private readonly string _prefix = $"staged-{Guid.NewGuid():n}";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string Stage => $"{_prefix}/stage";

    public void Dispose() => _fleet.Dispose();

    [Fact]
    public async Task A_killed_worker_costs_its_share_and_what_was_released_is_deleted()
    {
        await using var slow = RegistryProxy.Start(fixture.Registry);
        var beta = await RaiseAsync(slow.Host);
        var lost = MatrixJob.Read((await _fleet.RunAsync(Ct, "plan", "--matrix", "3")).ShouldEndWith(0).Stdout).Single(j => j.Images.Contains("image1"));
        var hangs = slow.HoldAsync(_fleet.LayersOf(beta), Task.Delay(Timeout.Infinite, Ct));
        using var victim = Worker("victim").Start("build", "--share", lost.Share, "--stage", Place("first"), "--repo", Clone("victim"), "--parallel", "1");
        int[] others = [.. Enumerable.Range(0, 3).Where(i => i != lost.Index)];
        var workers = await Task.WhenAll(others.Select(i => BuildAsync(i, "first")));
        workers.ShouldAllBe(w => w.ExitCode == 0, string.Join("\n", workers.Select(w => w.Output)));
        await hangs.WaitAsync(TimeSpan.FromMinutes(1), Ct);
        victim.Kill(); // SIGKILL
        await victim.WaitForExitAsync(Ct);

        var published = (await PublishAsync("first")).ShouldEndWith(4);
        published.Output.ShouldContain($"share {lost.Share} is lost");
        Released().ShouldBe(["image0", "image2", "image3", "image5"]);
        (await TagsAsync()).ShouldBe(others.Select(i => $"first.share-000{i}-of-0003"), "what was released is gone, what the shares said stays");

        slow.Before = (_, _) => Task.CompletedTask;
        var again = await Task.WhenAll(Enumerable.Range(0, 3).Select(i => BuildAsync(i, "second")));
        again.ShouldAllBe(w => w.ExitCode == 0, string.Join("\n", again.Select(w => w.Output)));
        (await TagsAsync()).Count(t => t.StartsWith("second.image", StringComparison.Ordinal)).ShouldBe(2, "only what was missing is built");
        (await PublishAsync("second")).ShouldEndWith(0);
        Released().Length.ShouldBe(Images);
        (await TagsAsync()).ShouldAllBe(t => t.StartsWith("first.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_worker_that_is_started_again_builds_only_what_is_missing_and_other_bytes_are_refused()
    {
        await RaiseAsync(fixture.Registry.Host);
        await using var door = RegistryProxy.Start(fixture.Registry);
        var place = $"oci://{door.Host}/{Stage}";
        (await Worker("one").RunAsync(Ct, "build", "--share", "0/1", "--stage", place, "--repo", Clone("one"))).ShouldEndWith(0);
        door.Take();
        var again = (await Worker("two").RunAsync(Ct, "build", "--share", "0/1", "--stage", place, "--repo", Clone("two"))).ShouldEndWith(0);
        again.Stderr.ShouldContain($"{Images} of the {Images} targets of share 0/1 are staged already");
        door.Take().ShouldAllBe(r => !r.StartsWith("PUT", StringComparison.Ordinal) || r.Contains("/manifests/stage.share-", StringComparison.Ordinal), "nothing but the report is sent again");

        var digest = DigestOf("image3");
        door.Damage = request => request.StartsWith("GET", StringComparison.Ordinal) && request.EndsWith(digest, StringComparison.Ordinal);
        var damaged = (await _fleet.RunAsync(Ct, "publish", "--staged", place)).ShouldEndWith(4);
        damaged.Output.ShouldContain("image3-plain.img is no longer what was built");
        Released().ShouldBe(["image0", "image1", "image2", "image4", "image5"]);
        door.Damage = _ => false;
        (await _fleet.RunAsync(Ct, "publish", "--staged", place)).ShouldEndWith(0);
        Released().Length.ShouldBe(Images);
        (await TagsAsync()).ShouldBeEmpty();
        (await _fleet.RunAsync(Ct, "reconcile", "--json")).ShouldEndWith(0).Objects("image").ShouldAllBe(i => i.GetProperty("result").GetString() == "current");
    }

    /// <summary>A plan is made once: each job gets the ids of its targets, and asks after no others' sources.</summary>
    [Fact]
    public async Task Jobs_of_a_matrix_look_only_at_their_own_sources()
    {
        await using var gamma = RegistryProxy.Start(fixture.Registry);
        foreach (var source in Sources)
            await _fleet.PushAsync($"{_prefix}/{source}", (source, source), Ct);
        for (var i = 0; i < Images; i++)
            _fleet.AddImage($"image{i}", $"{_prefix}/{Sources[i % 3]}", host: i % 3 == 2 ? gamma.Host : null);
        var plan = (await _fleet.RunAsync(Ct, "plan", "--matrix", "2x3")).ShouldEndWith(0);
        var jobs = MatrixJob.Read(plan.Stdout);
        jobs.Count.ShouldBe(Images);
        jobs.Select(j => j.Share).ShouldBe(Enumerable.Range(0, Images).Select(i => $"{i}/{Images}"));
        gamma.Take();
        foreach (var job in jobs)
        {
            var run = await Worker("any").RunAsync(Ct, "build", "--share", job.Share, "--targets", job.Ids, "--stage", Place("matrix"), "--repo", _fleet.RootPath);
            run.ShouldEndWith(0);
            gamma.Take().Any().ShouldBe(job.Images[0] is "image2" or "image5");
        }
        (await _fleet.RunAsync(Ct, "publish", "--staged", Place("matrix"))).ShouldEndWith(0).Output.ShouldNotContain("lost");
        Released().Length.ShouldBe(Images);
    }

    private string Place(string run) => $"oci://{fixture.Registry.Host}/{Stage}:{run}";

    private Task<ProgramResult> PublishAsync(string run) => _fleet.RunAsync(Ct, "publish", "--staged", Place(run));

    private Task<ProgramResult> BuildAsync(int index, string run) =>
        Worker($"worker{index}").RunAsync(Ct, "build", "--share", $"{index}/3", "--stage", Place(run), "--repo", Clone($"worker{index}"));

    private PipelineProgram Worker(string name) => new(Directory.CreateDirectory(Path.Combine(_fleet.WholePath, name)).FullName);

    /// <summary>The manifests and the releases as they are now: what a fresh machine has after its checkout, with a release host that all see.</summary>
    private string Clone(string worker)
    {
        var clone = Path.Combine(_fleet.WholePath, worker, "clone");
        if (Directory.Exists(clone))
            Directory.Delete(clone, recursive: true);
        Tool.Require("cp", "-a", _fleet.RootPath, clone);
        return clone;
    }

    private string DigestOf(string image) => Core.Units.Digest.Sha256(File.ReadAllBytes(Rebuilt(image))).Text;

    /// <summary>Builds are reproducible: a build here says what was staged there.</summary>
    private string Rebuilt(string image)
    {
        var file = Path.Combine(_fleet.WholePath, "rebuilt", image, $"{image}-plain.img");
        if (!File.Exists(file))
            _fleet.RunAsync(Ct, "build", image, "-o", Path.Combine(_fleet.WholePath, "rebuilt")).GetAwaiter().GetResult().ShouldEndWith(0);
        return file;
    }

    private string[] Released() => [.. Enumerable.Range(0, Images).Select(i => $"image{i}").Where(n => _fleet.Releases(n).Length == 1)];

    private async Task<List<string>> TagsAsync()
    {
        using var client = new HttpClient();
        using var answer = await client.GetAsync($"http://{fixture.Registry.Host}/v2/{Stage}/tags/list", Ct);
        var json = await answer.Content.ReadFromJsonAsync<JsonElement>(Ct);
        return json.TryGetProperty("tags", out var tags) && tags.ValueKind == JsonValueKind.Array ? [.. tags.EnumerateArray().Select(t => t.GetString()!).Order(StringComparer.Ordinal)] : [];
    }

    /// <returns>What the images 1 and 4 stand on.</returns>
    private async Task<Oci.Documents.Descriptor> RaiseAsync(string hostOfBeta)
    {
        var pushed = new List<Oci.Documents.Descriptor>();
        foreach (var source in Sources)
            pushed.Add(await _fleet.PushAsync($"{_prefix}/{source}", (source, source), Ct));
        for (var i = 0; i < Images; i++)
            _fleet.AddImage($"image{i}", $"{_prefix}/{Sources[i % 3]}", host: i % 3 == 1 ? hostOfBeta : null);
        return pushed[1];
    }
}
