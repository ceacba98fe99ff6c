using System.Globalization;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.EndToEnd;

/// <summary>
/// A run that is killed at any moment of a publication to GitHub, and the next one. <c>PIPELINE_KILLS=300</c> does more of
/// the same (tests/Bench/publishing).
/// </summary>
public sealed class GitHubKilledTests : IClassFixture<RegistryFixture>, IAsyncDisposable
{
    private const int KillsByDefault = 8;
    private const int Images = 2;
    private const int Keep = 2;
    private readonly RegistryFixture _fixture;
    private readonly FakeGitHub _github = FakeGitHub.Start();
    private readonly Fleet _fleet;
    private readonly string _source = $"killed-{Guid.NewGuid():n}";
    private readonly List<string> _revisions = [];

    public GitHubKilledTests(RegistryFixture fixture)
    {
        _fixture = fixture;
        _fleet = new Fleet(fixture.Registry).PublishTo(_github, Keep);
        for (var i = 0; i < Images; i++)
            _fleet.AddImage($"image-{i}", _source);
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        _fleet.Dispose();
        await _github.DisposeAsync();
    }

    [Fact]
    public async Task Killed_at_random_moments_and_started_again_there_is_always_one_whole_release()
    {
        var kills = int.Parse(Environment.GetEnvironmentVariable("PIPELINE_KILLS") ?? $"{KillsByDefault}", CultureInfo.InvariantCulture);
        var seed = Environment.TickCount;
        var random = new Random(seed);
        await MoveAsync(random);
        var requests = await WholeRunAsync();
        await MoveAsync(random);
        requests = Math.Max(requests, await WholeRunAsync());
        var (drafts, published, finished) = (0, 0, 0);
        for (var round = 0; round < kills; round++)
        {
            await MoveAsync(random);
            var (request, pause) = (random.Next(requests), TimeSpan.FromMilliseconds(random.Next(20)));
            var moment = $"seed {seed}, round {round}: killed {pause.TotalMilliseconds} ms after request {request} of {requests}";
            finished += await KillAsync(request, pause) ? 0 : 1;
            _github.ShouldBeWhole(moment);
            drafts += _github.State.Drafts.Any() ? 1 : 0;
            published += _github.Sources("image-0").Contains(_revisions[^1]) || _github.Sources("image-1").Contains(_revisions[^1]) ? 1 : 0;
            ShouldBeComplete((await _fleet.RunAsync(Ct, "reconcile", "--json")).ShouldEndWith(0), moment);
        }
        _github.Complaints.ShouldBeEmpty();
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"seed {seed}: {kills} kills over {requests} requests of a publication of {Images} images; {drafts} left drafts, {published} came after a release was published, "
            + $"{finished} after the run had ended; after each restart every image had exactly one whole release of its source, no draft, no release twice");
    }

    private void ShouldBeComplete(ProgramResult rerun, string moment)
    {
        _github.ShouldBeWhole(moment);
        _github.State.Drafts.ShouldBeEmpty(moment + "\n" + rerun.Output);
        for (var i = 0; i < Images; i++)
        {
            var sources = _github.Sources($"image-{i}");
            sources.ShouldBe(_revisions.TakeLast(sources.Count), $"{moment}\n{rerun.Output}");
            sources.Count.ShouldBeLessThanOrEqualTo(Keep, moment);
        }
    }

    /// <summary>How many requests it makes.</summary>
    private async Task<int> WholeRunAsync()
    {
        _github.TakeRequests();
        ShouldBeComplete((await _fleet.RunAsync(Ct, "reconcile", "--json")).ShouldEndWith(0), "not killed");
        return _github.TakeRequests().Count;
    }

    /// <summary>False: the run had ended before its moment came.</summary>
    private async Task<bool> KillAsync(int request, TimeSpan pause)
    {
        var moment = new TaskCompletionSource();
        var count = 0;
        _github.Before = _ =>
        {
            if (Interlocked.Increment(ref count) > request)
                moment.TrySetResult();
        };
        using var process = _fleet.Program.Start("reconcile", "--json", "--repo", _fleet.RootPath);
        var ended = Task.WhenAll(process.StandardOutput.ReadToEndAsync(Ct), process.StandardError.ReadToEndAsync(Ct));
        await Task.WhenAny(moment.Task, process.WaitForExitAsync(Ct));
        await Task.Delay(pause, Ct);
        var isAlive = !process.HasExited;
        process.Kill(); // SIGKILL
        await ended;
        await process.WaitForExitAsync(Ct);
        _github.Before = _ => { };
        await QuietAsync();
        return isAlive;
    }

    /// <summary>What was on its way to GitHub when the run died still arrives there.</summary>
    private async Task QuietAsync()
    {
        for (var (before, quiet) = (-1, 0); quiet < 10; quiet = before == _github.Requests.Count ? quiet + 1 : 0)
        {
            before = _github.Requests.Count;
            await Task.Delay(15, Ct);
        }
    }

    private async Task MoveAsync(Random random)
    {
        var ballast = new byte[2 << 20];
        random.NextBytes(ballast);
        var system = _fleet.System("linux/amd64", $"{_revisions.Count}", 62, ballast);
        await _fixture.Registry.PushAsync(_fleet.Layout, system, _source, "1", Ct);
        _revisions.Add(system.Digest.Text);
    }
}
