using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.EndToEnd;

/// <summary>
/// Many stale targets, cut into shards of jobs; two machines take the jobs one after the other, one job is killed, one machine
/// releases. <c>tests/Bench/machines</c> runs it with 600 targets in 3 shards of 200 jobs.
/// </summary>
public sealed class SplitTests(RegistryFixture fixture) : IClassFixture<RegistryFixture>
{
    private const int Machines = 2;
    private const int TargetsOnSource = 10;
    private static readonly int Targets = Number("PIPELINE_SPLIT_TARGETS", 18);
    private static readonly string Shape = Environment.GetEnvironmentVariable("PIPELINE_SPLIT_MATRIX") ?? "3x3";
    private readonly string _prefix = $"split-{Guid.NewGuid():n}";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string Stage(string run) => $"oci://{fixture.Registry.Host}/{_prefix}/stage:{run}";

    [Fact]
    public async Task A_killed_job_costs_its_own_targets_and_the_next_run_brings_them()
    {
        var watch = Stopwatch.StartNew();
        await using var github = FakeGitHub.Start();
        await using var slow = RegistryProxy.Start(fixture.Registry);
        using var fleet = new Fleet(fixture.Registry).PublishTo(github, keep: 2);
        var victimLayers = await RaiseAsync(fleet, slow.Host);

        var jobs = MatrixJob.Read((await fleet.RunAsync(Ct, "plan", "--matrix", Shape)).ShouldEndWith(0).Stdout);
        jobs.Sum(j => j.Targets).ShouldBe(Targets);
        var lost = jobs.Single(j => j.Images.Contains(Name(0)));
        await KillAsync(fleet, slow.HoldAsync(victimLayers, Task.Delay(Timeout.Infinite, Ct)), lost);
        await BuildAsync(fleet, jobs.Where(j => j != lost), "first");
        Say($"{Targets} stale targets, matrix {Shape}: {jobs.Count} jobs on {Machines} machines; {lost.Targets} of job {lost.Share} killed; built after {watch.Elapsed.TotalSeconds:0} s");

        var published = (await fleet.RunAsync(Ct, "publish", "--staged", Stage("first"))).ShouldEndWith(4);
        published.Output.ShouldContain($"share {lost.Share} is lost");
        var first = github.State.Published.Count();
        first.ShouldBe(Targets - lost.Targets);
        Say($"first run: {first} of {Targets} published, lost share said; after {watch.Elapsed.TotalSeconds:0} s");

        slow.Before = (_, _) => Task.CompletedTask;
        var rest = MatrixJob.Read((await fleet.RunAsync(Ct, "plan", "--matrix", Shape)).ShouldEndWith(0).Stdout);
        rest.SelectMany(j => j.Images).ShouldBe(lost.Images, ignoreOrder: true, customMessage: "only what is missing is stale");
        await BuildAsync(fleet, rest, "second");
        (await fleet.RunAsync(Ct, "publish", "--staged", Stage("second"))).ShouldEndWith(0);
        github.State.Published.Count().ShouldBe(Targets);
        github.State.Drafts.ShouldBeEmpty();
        github.ShouldBeWhole("at the end");
        github.Complaints.ShouldBeEmpty();
        (await fleet.RunAsync(Ct, "plan", "--matrix", Shape)).ShouldEndWith(0).Stdout.ShouldBe("{\"include\":[]}\n");
        Say($"next run: {rest.Count} jobs, {github.State.Published.Count() - first} published, {Targets} in all; after {watch.Elapsed.TotalSeconds:0} s");
    }

    /// <returns>The layers of the source of the first image, which only that one has.</returns>
    private async Task<IReadOnlyList<string>> RaiseAsync(Fleet fleet, string slow)
    {
        var own = await fleet.PushAsync($"{_prefix}/own", ("own", "own"), Ct);
        var sources = (Targets + TargetsOnSource - 1) / TargetsOnSource;
        for (var i = 0; i < sources; i++)
            await fleet.PushAsync($"{_prefix}/base-{i}", ($"base {i}", $"base {i}"), Ct);
        fleet.AddImage(Name(0), $"{_prefix}/own", host: slow, output: Output);
        for (var i = 1; i < Targets; i++)
            fleet.AddImage(Name(i), $"{_prefix}/base-{i % sources}", output: Output);
        return fleet.LayersOf(own);
    }

    private async Task KillAsync(Fleet fleet, Task hangs, MatrixJob job)
    {
        using var process = Machine(fleet, "victim").Start(Arguments(fleet, job, "first"));
        await hangs.WaitAsync(TimeSpan.FromMinutes(2), Ct);
        process.Kill(); // SIGKILL
        await process.WaitForExitAsync(Ct);
    }

    /// <summary>Each machine takes the next job when it is done with one, as runners do.</summary>
    private async Task BuildAsync(Fleet fleet, IEnumerable<MatrixJob> jobs, string run)
    {
        var queue = new ConcurrentQueue<MatrixJob>(jobs);
        await Task.WhenAll(Enumerable.Range(0, Machines).Select(async index =>
        {
            while (queue.TryDequeue(out var job))
                (await Machine(fleet, $"machine{index}").RunAsync(Ct, Arguments(fleet, job, run))).ShouldEndWith(0);
        }));
    }

    private string[] Arguments(Fleet fleet, MatrixJob job, string run) => ["build", "--share", job.Share, "--targets", job.Ids, "--stage", Stage(run), "--repo", fleet.RootPath];

    private static PipelineProgram Machine(Fleet fleet, string name)
    {
        var machine = new PipelineProgram(Directory.CreateDirectory(Path.Combine(fleet.WholePath, name)).FullName);
        machine.Environment["PIPELINE_GITHUB_TOKEN"] = FakeGitHub.Token;
        return machine;
    }

    private const string Output = "{kind: disk, compression: zst}";

    private static void Say(string line) => TestContext.Current.TestOutputHelper!.WriteLine(line);

    private static string Name(int index) => string.Create(CultureInfo.InvariantCulture, $"image-{index:000}");

    private static int Number(string variable, int usual) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : usual;
}
