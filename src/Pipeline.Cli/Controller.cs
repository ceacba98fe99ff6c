using System.Net;
using System.Security.Cryptography;
using Pipeline.Cli.Reporting;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Publishing;
using Pipeline.Engine.Reconciling;
using Pipeline.Web;
using Pipeline.Web.Status;

namespace Pipeline.Cli;

/// <param name="Listen">ADDRESS:PORT; null answers nobody.</param>
internal sealed record ControllerWishes(TimeSpan Interval, string? Listen);

/// <summary><c>reconcile --watch</c>: rounds until it is cancelled, with a face where one is wished.</summary>
internal static class Controller
{
    public const string GitHubSecretVariable = "PIPELINE_GITHUB_WEBHOOK_SECRET";
    public const string RegistrySecretVariable = "PIPELINE_REGISTRY_WEBHOOK_SECRET";

    /// <summary>A tenth of the interval longer or shorter.</summary>
    private const double Jitter = 0.1;

    private const int ShortestSecret = 16;

    /// <summary>Between rounds that webhooks ask for: what they tell in the meantime is one round's work.</summary>
    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(5);

    public static async Task RunAsync(Run run, OpenedRepository opened, Composition parts, Reconciler reconciler, ControllerWishes wishes, CancellationToken ct)
    {
        var rounds = new RoundLog(TimeProvider.System);
        var watch = new WatchSettings(wishes.Interval, TimeProvider.System)
        {
            Jitter = Jitter,
            Chance = () => RandomNumberGenerator.GetInt32(1 << 20) / (double)(1 << 20),
            ShortestPause = wishes.Interval < ShortestPause ? wishes.Interval : ShortestPause,
        };
        var keeper = new StatusKeeper(parts.Host, parts.Reader, "Images");
        (parts.Planned, parts.ImageEnded) = (keeper.Plan, keeper.End);
        keeper.Read(opened.Diagnostics);
        await using var server = wishes.Listen is null ? null : await ListenAsync(run, wishes, rounds, new(watch.Wake, () => keeper.Take(new(RoundStatus.Of(rounds), parts.Works.Now, parts.Works.Building, parts.Works.Log.Lines))), ct);
        Workspace? first = parts.Workspace;
        await reconciler.WatchAsync(
            async token =>
            {
                if (Interlocked.Exchange(ref first, null) is { } known)
                {
                    rounds.Begin();
                    return known;
                }
                var read = parts.Follow(await opened.ReadAgainAsync(token));
                keeper.Read(read.Diagnostics);
                rounds.Begin();
                return read;
            },
            watch,
            async outcome =>
            {
                rounds.End(outcome);
                parts.Works.Log.Add(LogKind.Note, null, $"round ended, {outcome.Summary}");
                OutcomeText.Tell(run, outcome);
                if (wishes.Listen is not null)
                    await keeper.EndAsync(outcome, ct);
            },
            ct);
    }

    private sealed record Face(WakeSignal Wake, Func<StatusModel> Status);

    private static async Task<ControllerServer> ListenAsync(Run run, ControllerWishes wishes, RoundLog rounds, Face face, CancellationToken ct)
    {
        if (!IPEndPoint.TryParse(wishes.Listen!, out var address) || !wishes.Listen!.Contains(':', StringComparison.Ordinal))
            throw new UsageException($"--listen is '{wishes.Listen}', expected ADDRESS:PORT such as 127.0.0.1:8080");
        var server = await ControllerServer.StartAsync(
            new()
            {
                Listen = address,
                Rounds = rounds,
                Wake = face.Wake,
                Status = face.Status,
                Interval = wishes.Interval,
                GitHubSecret = SecretOf(GitHubSecretVariable),
                RegistrySecret = SecretOf(RegistrySecretVariable),
            },
            ct);
        run.Teller.Announce($"listening at {server.Address}");
        return server;
    }

    private static Secret? SecretOf(string variable) => Environment.GetEnvironmentVariable(variable) switch
    {
        null or "" => null,
        { Length: < ShortestSecret } => throw new UsageException($"{variable} has fewer than {ShortestSecret} characters, which can be guessed; take 32 random ones"),
        var value => new(value, variable),
    };
}
