using System.Text.Json;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.EndToEnd;

/// <summary>Several processes with homes of their own, one registry and one place of releases.</summary>
public sealed class ShareTests(RegistryFixture fixture) : IClassFixture<RegistryFixture>, IDisposable
{
    private const int Images = 12;
    private readonly Fleet _fleet = new(fixture.Registry);
    private readonly string _prefix = $"team-{Guid.NewGuid():n}";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string Stage => Path.Combine(_fleet.WholePath, "stage");

    public void Dispose() => _fleet.Dispose();

    [Fact]
    public async Task A_share_that_is_lost_costs_only_its_own_and_the_next_run_builds_what_is_missing()
    {
        await RaiseAsync();
        var matrix = await MatrixAsync(3);
        matrix.Select(m => m.GetProperty("share").GetString()).ShouldBe(["0/3", "1/3", "2/3"]);
        matrix.Sum(m => m.GetProperty("targets").GetInt32()).ShouldBe(Images);

        var workers = await Task.WhenAll(new[] { 0, 2 }.Select(BuildShareAsync));
        workers.ShouldAllBe(w => w.ExitCode == 0, string.Join("\n", workers.Select(w => w.Output)));
        var published = (await _fleet.RunAsync(Ct, "publish", "--staged", Stage + "0", "--staged", Stage + "2", "--json")).ShouldEndWith(4);
        published.Objects("diagnostic").ShouldContain(d => d.GetProperty("code").GetString() == "PL3602" && d.GetProperty("message").GetString()!.Contains("share 1/3 is lost", StringComparison.Ordinal));
        var lost = matrix[1].GetProperty("images").GetString()!.Split(' ');
        Enumerable.Range(0, Images).Select(i => $"image{i:00}").Where(n => _fleet.Releases(n).Length == 0).ShouldBe(lost, ignoreOrder: true);

        // The next run: only the lost share's work is stale, and only that is built.
        var rest = await MatrixAsync(1);
        rest.Single().GetProperty("images").GetString()!.Split(' ').ShouldBe(lost, ignoreOrder: true);
        (await _fleet.RunAsync(Ct, "reconcile")).ShouldEndWith(0);
        (await _fleet.RunAsync(Ct, "plan", "--matrix", "20")).ShouldEndWith(0).Stdout.ShouldBe("{\"include\":[]}\n");
    }

    [Fact]
    public async Task A_worker_that_is_killed_goes_on_where_it_was()
    {
        await RaiseAsync();
        (await BuildShareAsync(0)).ShouldEndWith(0);
        var staged = Directory.EnumerateFiles(Stage + "0", "*.img", SearchOption.AllDirectories).ToList();
        File.Delete(staged[0]);
        File.Delete(Directory.EnumerateFiles(Stage + "0", "share-*.json").Single());
        var again = (await BuildShareAsync(0)).ShouldEndWith(0);
        again.Stderr.ShouldContain($"{staged.Count - 1} of the {staged.Count} targets of share 0/3 are staged already");
        File.Exists(staged[0]).ShouldBeTrue();
        Directory.EnumerateFiles(Stage + "0", "share-0000-of-0003.json").ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Shares_release_by_themselves_where_there_is_no_place_to_stage()
    {
        await RaiseAsync();
        var workers = await Task.WhenAll(Enumerable.Range(0, 3).Select(i => WorkerAsync($"worker{i}", "reconcile", "--share", $"{i}/3", "--json")));
        workers.ShouldAllBe(w => w.ExitCode == 0, string.Join("\n", workers.Select(w => w.Output)));
        workers.ShouldAllBe(w => w.Objects("image").Count >= 3);
        Enumerable.Range(0, Images).ShouldAllBe(i => _fleet.Releases($"image{i:00}").Length == 1);
        (await _fleet.RunAsync(Ct, "reconcile", "--json")).ShouldEndWith(0).Objects("image").ShouldAllBe(i => i.GetProperty("result").GetString() == "current");
    }

    [Theory]
    [InlineData("build", "--share", "3/3", "-o", "out")]
    [InlineData("build", "--share", "auto", "-o", "out")]
    [InlineData("plan", "--matrix", "0")]
    [InlineData("plan", "--matrix", "10001")]
    [InlineData("plan", "--matrix", "257x1")]
    [InlineData("build", "--targets", "image00/plain/disk", "-o", "out")]
    [InlineData("build", "--share", "0/1", "--targets", "image00/round/disk", "-o", "out")]
    [InlineData("build", "--share", "0/1", "--stage", "oci://localhost")]
    [InlineData("build", "--share", "0/1", "--stage", "oci://localhost:5000/stage@sha256:12")]
    [InlineData("publish", "--staged", "oci://UPPER/case")]
    [InlineData("publish")]
    [InlineData("publish", "--staged", "nowhere")]
    [InlineData("reconcile", "--watch", "--share", "0/2")]
    public async Task Wrong_arguments_are_said(params string[] arguments) => (await _fleet.RunAsync(Ct, arguments)).ShouldEndWith(2);

    private async Task RaiseAsync()
    {
        foreach (var source in new[] { "alpha", "beta", "gamma" })
            await _fleet.PushAsync($"{_prefix}/{source}", (source, source), Ct);
        for (var i = 0; i < Images; i++)
            _fleet.AddImage($"image{i:00}", $"{_prefix}/{new[] { "alpha", "beta", "gamma" }[i % 3]}");
    }

    private async Task<List<JsonElement>> MatrixAsync(int jobs)
    {
        var plan = (await _fleet.RunAsync(Ct, "plan", "--matrix", $"{jobs}")).ShouldEndWith(0);
        return [.. JsonDocument.Parse(plan.Stdout).RootElement.GetProperty("include").EnumerateArray()];
    }

    private Task<ProgramResult> BuildShareAsync(int index) => WorkerAsync($"worker{index}", "build", "--share", $"{index}/3", "--stage", Stage + index);

    private Task<ProgramResult> WorkerAsync(string name, params string[] arguments) =>
        new PipelineProgram(Directory.CreateDirectory(Path.Combine(_fleet.WholePath, name)).FullName).RunAsync(Ct, [.. arguments, "--repo", _fleet.RootPath]);
}
