using System.Diagnostics;
using System.Globalization;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.EndToEnd;

/// <summary>
/// One worker against two with the same work. Here the waits are counted, which no busy machine changes;
/// <c>tests/Bench/machines</c> makes them long enough to be measured, and then the clock decides.
/// </summary>
public sealed class WorkerTimeTests(RegistryFixture fixture) : IClassFixture<RegistryFixture>
{
    private const double MostOfOne = 0.6;
    private static readonly int Images = Number("PIPELINE_WORKER_IMAGES", 4);
    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(Number("PIPELINE_WORKER_DELAY", 200));
    private readonly string _prefix = $"workers-{Guid.NewGuid():n}";
    private int _homes;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static bool IsMeasured => Environment.GetEnvironmentVariable("PIPELINE_WORKER_IMAGES") is not null;

    /// <summary>Each source is a layer of its own behind a registry that takes its time.</summary>
    [Fact]
    public async Task Two_workers_wait_half_as_long_as_one()
    {
        await using var slow = RegistryProxy.Start(fixture.Registry);
        using var fleet = new Fleet(fixture.Registry);
        var layers = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < Images; i++)
        {
            layers.UnionWith(fleet.LayersOf(await fleet.PushAsync($"{_prefix}/base-{i}", ($"base {i}", $"base {i}"), Ct)));
            fleet.AddImage($"image{i:00}", $"{_prefix}/base-{i}", host: slow.Host);
        }
        slow.Before = (request, ct) => request.StartsWith("GET", StringComparison.Ordinal) && layers.Any(l => request.EndsWith(l, StringComparison.Ordinal)) ? Task.Delay(Delay, ct) : Task.CompletedTask;

        var one = await TimeAsync(fleet, slow, 1);
        var two = await TimeAsync(fleet, slow, 2);
        one.Targets.ShouldBe([Images]);
        two.Targets.ShouldBe([Images / 2, Images - (Images / 2)], ignoreOrder: true, customMessage: "half of the waits each");
        one.Requests.Count(r => layers.Any(l => r.EndsWith(l, StringComparison.Ordinal))).ShouldBe(Images);
        two.Requests.Count(r => layers.Any(l => r.EndsWith(l, StringComparison.Ordinal))).ShouldBe(Images, "no layer is fetched by both");
        Say($"bound by waiting ({Images} layers, {Delay.TotalSeconds} s each)", one.Wall, two.Wall);
        if (IsMeasured)
            (two.Wall / one.Wall).ShouldBeLessThanOrEqualTo(MostOfOne);
    }

    /// <summary>Bound by the cores, which the two workers share: told, and not judged.</summary>
    [Fact]
    public async Task Two_workers_share_the_cores_of_one_machine()
    {
        using var fleet = new Fleet(fixture.Registry);
        var noise = new byte[IsMeasured ? 2 << 20 : 1 << 10];
        for (var i = 0; i < Images; i++)
        {
            new Random(i).NextBytes(noise);
            await fixture.Registry.PushAsync(fleet.Layout, fleet.System("linux/amd64", $"base {i}", 62, noise), $"{_prefix}/base-{i}", "1", Ct);
            fleet.AddImage($"image{i:00}", $"{_prefix}/base-{i}", output: "{kind: disk, compression: xz}");
        }
        await using var door = RegistryProxy.Start(fixture.Registry);
        var one = await TimeAsync(fleet, door, 1);
        var two = await TimeAsync(fleet, door, 2);
        Say($"bound by cores ({Images} images packed with xz)", one.Wall, two.Wall);
        one.Files.ShouldBe(Images);
        two.Files.ShouldBe(Images);
    }

    /// <summary>As many workers as asked for, each with an empty home, on the same work.</summary>
    private async Task<(TimeSpan Wall, int[] Targets, IReadOnlyList<string> Requests, int Files)> TimeAsync(Fleet fleet, RegistryProxy slow, int workers)
    {
        var stage = Path.Combine(fleet.WholePath, $"stage{workers}");
        var jobs = MatrixJob.Read((await fleet.RunAsync(Ct, "plan", "--matrix", $"{workers}")).ShouldEndWith(0).Stdout);
        jobs.Count.ShouldBe(workers);
        slow.Take();
        var watch = Stopwatch.StartNew();
        var runs = await Task.WhenAll(jobs.Select(job => new PipelineProgram(Directory.CreateDirectory(Path.Combine(fleet.WholePath, $"home{_homes++}")).FullName)
            .RunAsync(Ct, "build", "--share", job.Share, "--targets", job.Ids, "--stage", Path.Combine(stage, $"{job.Index}"), "--parallel", "1", "--repo", fleet.RootPath)));
        var wall = watch.Elapsed;
        runs.ShouldAllBe(r => r.ExitCode == 0, string.Join('\n', runs.Select(r => r.Output)));
        var files = Directory.EnumerateFiles(stage, "*.img*", SearchOption.AllDirectories).Count();
        return (wall, [.. jobs.Select(j => j.Targets)], slow.Take(), files);
    }

    /// <summary>With so little work the clock tells how long programs take to start: nothing is said then.</summary>
    private static void Say(string what, TimeSpan one, TimeSpan two)
    {
        if (IsMeasured)
            TestContext.Current.TestOutputHelper!.WriteLine(
                string.Create(CultureInfo.InvariantCulture, $"{what}: one worker {one.TotalSeconds:0.0} s, two workers {two.TotalSeconds:0.0} s, ratio {two / one:0.00}"));
    }

    private static int Number(string variable, int usual) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : usual;
}
