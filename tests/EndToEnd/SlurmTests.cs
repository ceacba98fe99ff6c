using System.Diagnostics;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.EndToEnd;

/// <summary>The shipped script on a real Slurm of one node: an array builds, one job releases.</summary>
public sealed class SlurmTests : IClassFixture<RegistryFixture>, IAsyncLifetime
{
    private const int Images = 6;
    private static readonly string[] Sources = ["alpha", "beta", "gamma"];
    private readonly RegistryFixture _fixture;
    private readonly Fleet _fleet;
    private readonly string _prefix = $"slurm-{Guid.NewGuid():n}";
    private readonly Dictionary<string, string> _environment = [];
    private Slurm _slurm = null!;
    private RegistryProxy _slow = null!;

    public SlurmTests(RegistryFixture fixture)
    {
        _fixture = fixture;
        _fleet = new Fleet(fixture.Registry);
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static string Script => Path.Combine(Documents.RootPath, "docs/many-machines/slurm.sh");

    public async ValueTask InitializeAsync()
    {
        _slow = RegistryProxy.Start(_fixture.Registry);
        _slurm = await Slurm.StartAsync(Ct);
        _environment["PATH"] = $"{PipelineProcess.PutOnPath(Path.Combine(_fleet.WholePath, "bin"))}:{Environment.GetEnvironmentVariable("PATH")}";
        _environment["HOME"] = Path.Combine(_fleet.WholePath, "home");
        _environment["XDG_CACHE_HOME"] = Path.Combine(_fleet.WholePath, "cache");
    }

    public async ValueTask DisposeAsync()
    {
        if (_slurm is not null)
            await _slurm.DisposeAsync();
        await _slow.DisposeAsync();
        _fleet.Dispose();
    }

    [Fact]
    public async Task An_array_builds_one_job_releases_and_a_killed_task_costs_only_its_share()
    {
        var beta = await RaiseAsync();
        var lost = MatrixJob.Read((await _fleet.RunAsync(Ct, "plan", "--matrix", "3")).ShouldEndWith(0).Stdout).Single(j => j.Images.Contains("image1"));
        // Nobody gets the layers of beta, so that its task is there to be killed.
        var held = new TaskCompletionSource();
        var hangs = _slow.HoldAsync(_fleet.LayersOf(beta), held.Task);
        var array = Submit("--array=0-2", Script, "build", _fleet.RootPath);
        await hangs.WaitAsync(TimeSpan.FromMinutes(1), Ct);
        _slurm.Command("scancel", "--signal=KILL", $"{array}_{lost.Index}");
        var ends = await _slurm.EndOfAsync(array, Ct);
        ends.Select(e => e == "COMPLETED 0:0").ShouldBe(Enumerable.Range(0, 3).Select(i => i != lost.Index), $"{string.Join(", ", ends)}\n{Log(array)}");

        var publish = Submit($"--dependency=afterany:{array}", Script, "publish", _fleet.RootPath, array);
        (await _slurm.EndOfAsync(publish, Ct)).ShouldBe(["FAILED 4:0"], customMessage: Log(publish));
        Log(publish).ShouldContain($"share {lost.Share} is lost");
        Released().ShouldBe(["image0", "image2", "image3", "image5"], customMessage: "those of beta are the lost share's");

        held.SetResult();
        var again = Submit("--array=0-2", Script, "build", _fleet.RootPath);
        (await _slurm.EndOfAsync(again, Ct)).ShouldAllBe(e => e == "COMPLETED 0:0", Log(again));
        var built = Directory.EnumerateFiles(Path.Combine(_fleet.RootPath, ".pipeline/stage", again), "*.img", SearchOption.AllDirectories).Select(f => Path.GetFileName(f));
        built.ShouldBe(["image1-plain.img", "image4-plain.img"], ignoreOrder: true, customMessage: "only what was missing is built");
        var rest = Submit($"--dependency=afterany:{again}", Script, "publish", _fleet.RootPath, again);
        (await _slurm.EndOfAsync(rest, Ct)).ShouldBe(["COMPLETED 0:0"], customMessage: Log(rest));
        Released().Length.ShouldBe(Images);
        Directory.Exists(Path.Combine(_fleet.RootPath, ".pipeline/stage", again)).ShouldBeFalse("what is released need not stay");
    }

    private string Submit(params string[] arguments) =>
        _slurm.Command(_environment, ["sbatch", "--parsable", $"--output={_fleet.WholePath}/job-%j.log", $"--chdir={_fleet.WholePath}", .. arguments]);

    private string Log(string job) =>
        string.Concat(Directory.EnumerateFiles(_fleet.WholePath, "job-*.log").Order(StringComparer.Ordinal).Select(f => $"{Path.GetFileName(f)} ({job})\n{File.ReadAllText(f)}"));

    private string[] Released() => [.. Enumerable.Range(0, Images).Select(i => $"image{i}").Where(n => _fleet.Releases(n).Length == 1)];

    /// <returns>What the images 1 and 4 stand on.</returns>
    private async Task<Oci.Documents.Descriptor> RaiseAsync()
    {
        var pushed = new List<Oci.Documents.Descriptor>();
        foreach (var source in Sources)
            pushed.Add(await _fleet.PushAsync($"{_prefix}/{source}", (source, source), Ct));
        for (var i = 0; i < Images; i++)
            _fleet.AddImage($"image{i}", $"{_prefix}/{Sources[i % 3]}", host: i % 3 == 1 ? _slow.Host : null);
        return pushed[1];
    }
}

/// <summary>The fixture itself.</summary>
public sealed class SlurmFixtureTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_started_ends_with_the_fixture_also_where_a_job_does_not_want_to()
    {
        using var temp = new TempDir();
        string place;
        await using (var slurm = await Slurm.StartAsync(Ct))
        {
            place = slurm.DirectoryPath;
            slurm.Command("sbatch", "--parsable", $"--output={temp["log"]}", "--wrap", "trap '' TERM; echo begun; sleep 1000");
            for (var tries = 0; tries < 300 && !(File.Exists(temp["log"]) && File.ReadAllText(temp["log"]).Contains("begun", StringComparison.Ordinal)); tries++)
                await Task.Delay(100, Ct);
            Holders(place).ShouldContain(h => h.Contains("slurmstepd", StringComparison.Ordinal));
            Holders(place).ShouldContain(h => h.Contains("slurm_script", StringComparison.Ordinal));
        }
        Holders(place).ShouldBeEmpty();
        Directory.Exists(place).ShouldBeFalse();
    }

    /// <summary>Processes that have to do with a cluster: all of its daemons and jobs know its directory.</summary>
    private static List<string> Holders(string place) =>
        [.. Directory.EnumerateDirectories("/proc").Where(d => char.IsAsciiDigit(Path.GetFileName(d)[0])).Select(Describe).Where(d => d.Contains(place, StringComparison.Ordinal))];

    private static string Describe(string process)
    {
        try
        {
            return File.ReadAllText(process + "/cmdline").Replace('\0', ' ') + File.ReadAllText(process + "/environ").Replace('\0', ' ');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
