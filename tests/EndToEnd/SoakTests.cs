using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.EndToEnd;

/// <summary>
/// A controller under a hundred webhooks a second, while its registry goes away and comes back and its release host fails
/// every so often. Two minutes here; <c>tests/soak MINUTES</c> runs it for longer.
/// </summary>
public sealed class SoakTests
{
    private const string Secret = "what GitHub signs its webhooks with";
    private const int Images = 6;
    private const int Bases = 3;
    private const int HooksASecond = 100;
    private const int Senders = 4;
    private static readonly TimeSpan PushEvery = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan OutageEvery = TimeSpan.FromSeconds(25);
    private static readonly TimeSpan Outage = TimeSpan.FromSeconds(6);

    private static readonly GitHubFault[] Faults =
        [GitHubFault.BadGatewayAfter, GitHubFault.LostAnswer, GitHubFault.BadGatewayBefore, GitHubFault.Slow, GitHubFault.HalfRequest, GitHubFault.Forbidden];

    private readonly ConcurrentDictionary<HttpStatusCode, int> _answers = new();
    private readonly List<long> _memory = [];
    private readonly string[] _newest = new string[Bases];
    private int _unanswered;
    private int _outages;
    private int _pushes;
    private int _faults;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_is_lost_every_hook_is_answered_and_memory_stays_flat()
    {
        var minutes = double.Parse(Environment.GetEnvironmentVariable("PIPELINE_SOAK_MINUTES") ?? "2", CultureInfo.InvariantCulture);
        using var registry = await DockerRegistry.StartAsync(Ct);
        await using var github = FakeGitHub.Start();
        using var fleet = new Fleet(registry).PublishTo(github, keep: 2);
        for (var i = 0; i < Images; i++)
            fleet.AddImage($"image-{i}", $"base-{i % Bases}");
        for (var i = 0; i < Bases; i++)
            await PushAsync(fleet, i, "first");
        fleet.Program.Environment["PIPELINE_GITHUB_WEBHOOK_SECRET"] = Secret;
        using var service = fleet.Program.Start("reconcile", "--watch", "--interval", "20s", "--listen", "127.0.0.1:0", "--repo", fleet.RootPath, "--json");
        var (lines, errors) = (new ConcurrentQueue<string>(), new ConcurrentQueue<string>());
        var address = await BeginAsync(service, lines, errors);

        using var over = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        over.CancelAfter(TimeSpan.FromMinutes(minutes));
        await Task.WhenAll(
        [
            .. Enumerable.Range(0, Senders).Select(s => SendAsync(address, s, over.Token)),
            DisturbAsync(fleet, github, over.Token), WatchAsync(service, over.Token),
        ]);
        await SettleAsync(github, service);
        Tool.Require("kill", "-TERM", $"{service.Id}");
        await service.WaitForExitAsync(Ct);
        Judge(github, service, lines, minutes);
    }

    private void Judge(FakeGitHub github, Process service, ConcurrentQueue<string> lines, double minutes)
    {
        var rounds = lines.Count(l => l.Contains("\"type\":\"reconciled\"", StringComparison.Ordinal));
        var (early, late) = (Median(_memory.Skip(_memory.Count / 4).Take(_memory.Count / 4)), Median(_memory.Skip(3 * _memory.Count / 4)));
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{_answers.Values.Sum()} webhooks answered ({string.Join(", ", _answers.Select(a => $"{(int)a.Key}: {a.Value}"))}), {_unanswered} not; {rounds} rounds; {_pushes} pushes, "
            + $"{_outages} outages of the registry, {_faults} faults of the release host; {github.State.Published.Count()} releases stand; "
            + $"memory (median MiB) second quarter {early >> 20}, last quarter {late >> 20}, most {_memory.Max() >> 20}");
        _unanswered.ShouldBe(0);
        _answers.Keys.ShouldBe([HttpStatusCode.Accepted]);
        // How often something happens in so many minutes depends on the machine; that it happens does not.
        _outages.ShouldBeGreaterThan(0);
        _faults.ShouldBeGreaterThan(1);
        rounds.ShouldBeGreaterThan(1);
        // In two minutes a collection more or less is seen; in an hour a leak is.
        late.ShouldBeLessThan(minutes < 10 ? early * 3 / 2 : early * 5 / 4, "memory grows");
        service.ExitCode.ShouldBe(130);
        github.ShouldBeWhole("at the end");
        github.Complaints.ShouldBeEmpty();
    }

    /// <summary>Every image has a release of what was pushed last, although no hook comes any more.</summary>
    private async Task SettleAsync(FakeGitHub github, Process service)
    {
        for (var tries = 0; !IsSettled(github); tries++)
        {
            tries.ShouldBeLessThan(6000, "an image was never brought up to date");
            service.HasExited.ShouldBeFalse();
            await Task.Delay(200, Ct);
        }
    }

    private bool IsSettled(FakeGitHub github) =>
        Enumerable.Range(0, Images).All(i => github.Sources($"image-{i}").LastOrDefault() == _newest[i % Bases]);

    private async Task SendAsync(Uri address, int sender, CancellationToken ct)
    {
        using var client = new HttpClient { BaseAddress = address };
        // By the clock and not by a timer, which forgets what came too late on a busy machine.
        var (clock, interval) = (Stopwatch.StartNew(), TimeSpan.FromSeconds(1.0 * Senders / HooksASecond));
        for (var number = 0; !ct.IsCancellationRequested; number++)
        {
            var body = Encoding.UTF8.GetBytes($"{{\"sender\":{sender},\"number\":{number}}}");
            using var request = new HttpRequestMessage(HttpMethod.Post, "/hooks/github") { Content = new ByteArrayContent(body) };
            request.Headers.Add("X-GitHub-Event", "push");
            request.Headers.Add("X-Hub-Signature-256", "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), body)));
            try
            {
                using var answer = await client.SendAsync(request, Ct);
                _answers.AddOrUpdate(answer.StatusCode, 1, (_, count) => count + 1);
                if (interval * (number + 1) - clock.Elapsed is { Ticks: > 0 } rest)
                    await Task.Delay(rest, ct);
            }
            catch (HttpRequestException)
            {
                Interlocked.Increment(ref _unanswered);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
            }
        }
    }

    private async Task DisturbAsync(Fleet fleet, FakeGitHub github, CancellationToken ct)
    {
        var (clock, pushed, gone) = (Stopwatch.StartNew(), TimeSpan.Zero, TimeSpan.Zero);
        while (!ct.IsCancellationRequested)
        {
            await Task.Delay(1000, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (clock.Elapsed - gone > OutageEvery)
            {
                gone = clock.Elapsed;
                _outages++;
                fleet.Registry.Stop();
                await Task.Delay(Outage, Ct);
                await fleet.Registry.RestartAsync(Ct);
            }
            if (clock.Elapsed - pushed > PushEvery)
            {
                pushed = clock.Elapsed;
                await PushAsync(fleet, _pushes % Bases, $"{_pushes}");
                _pushes++;
                github.Plan(Faults[_faults++ % Faults.Length], _faults % 3 == 0 ? "PATCH" : "POST", _faults % 2 == 0 ? "/releases" : "*");
            }
        }
    }

    private async Task WatchAsync(Process service, CancellationToken ct)
    {
        while (!ct.IsCancellationRequested && !service.HasExited)
        {
            service.Refresh();
            _memory.Add(service.WorkingSet64);
            await Task.Delay(500, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        service.HasExited.ShouldBeFalse("the controller ended");
    }

    private async Task PushAsync(Fleet fleet, int index, string revision)
    {
        var system = fleet.System("linux/amd64", $"{index} {revision}", 62);
        await fleet.Registry.PushAsync(fleet.Layout, system, $"base-{index}", "1", Ct);
        _newest[index] = system.Digest.Text;
    }

    /// <summary>Reads on, and says where the service listens.</summary>
    private static async Task<Uri> BeginAsync(Process service, ConcurrentQueue<string> lines, ConcurrentQueue<string> errors)
    {
        service.OutputDataReceived += (_, line) => lines.Enqueue(line.Data ?? "");
        service.ErrorDataReceived += (_, line) => errors.Enqueue(line.Data ?? "");
        service.BeginOutputReadLine();
        service.BeginErrorReadLine();
        for (var tries = 0; tries < 6000; tries++)
        {
            if (lines.Concat(errors).FirstOrDefault(l => l.Contains("listening at ", StringComparison.Ordinal)) is { } line)
                return new(line[(line.IndexOf("http://", StringComparison.Ordinal))..].Split('"')[0]);
            await Task.Delay(100, Ct);
        }
        throw new TimeoutException($"the service does not listen: {string.Join('\n', lines.Concat(errors))}");
    }

    private static long Median(IEnumerable<long> values) => values.Order().ToList() is { Count: > 0 } sorted ? sorted[sorted.Count / 2] : 0;
}
