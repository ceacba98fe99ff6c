using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Pipeline.Cli.Reporting;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Publishing;
using Pipeline.Engine.Reconciling;
using Pipeline.Web;
using Pipeline.Web.Pages;
using Pipeline.Web.Releases;
using Pipeline.Web.Status;

namespace Pipeline.Cli;

/// <param name="Listen">Null answers nobody.</param>
/// <param name="FilesAt">Where the directory of releases is served; null where nobody said.</param>
internal sealed record ControllerWishes(TimeSpan Interval, IPEndPoint? Listen, Uri? FilesAt);

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

    public static async Task<ExitCode> RunAsync(Run run, OpenedRepository opened, Composition parts, Reconciler reconciler, ControllerWishes wishes, CancellationToken ct)
    {
        var rounds = new RoundLog(TimeProvider.System);
        var watch = new WatchSettings(wishes.Interval, TimeProvider.System)
        {
            Jitter = Jitter,
            Chance = () => RandomNumberGenerator.GetInt32(1 << 20) / (double)(1 << 20),
            ShortestPause = wishes.Interval < ShortestPause ? wishes.Interval : ShortestPause,
        };
        var keeper = new StatusKeeper(parts.Host, parts.Reader, "Images") { FilesAt = wishes.FilesAt };
        var lists = new ListShelf(new(parts.Reader, wishes.FilesAt), parts.Works, TimeProvider.System);
        (parts.Planned, parts.ImageEnded) = (keeper.Plan, keeper.End);
        keeper.Read(opened.Diagnostics);
        var face = new Face(watch.Wake, () => keeper.Take(new(RoundStatus.Of(rounds), parts.Works.Now, parts.Works.Building, parts.Works.Log.Lines)), lists.Find);
        await using var server = wishes.Listen is null ? null : await ListenAsync(run, wishes, rounds, face, ct);
        if (server is null && wishes.Listen is not null)
            return ExitCode.TryAgain;
        var settled = new SettledConfig(parts.Workspace);
        Workspace? first = parts.Workspace;
        await reconciler.WatchAsync(
            async token =>
            {
                if (Interlocked.Exchange(ref first, null) is { } known)
                {
                    rounds.Begin();
                    return known;
                }
                var read = settled.Compare(parts.Follow(await opened.ReadAgainAsync(token)));
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
                if (wishes.Listen is null)
                    return;
                await keeper.EndAsync(outcome, ct);
                if (keeper.Known is { } known)
                    await lists.FillAsync(known.Workspace, known.Published, ct);
            },
            ct);
        return ExitCode.Cancelled;
    }

    private sealed record Face(WakeSignal Wake, Func<StatusModel> Status, Func<string, PageFile?> Lists);

    /// <returns>Null where it cannot listen there; that was told.</returns>
    private static async Task<ControllerServer?> ListenAsync(Run run, ControllerWishes wishes, RoundLog rounds, Face face, CancellationToken ct)
    {
        var settings = new ControllerSettings
        {
            Listen = wishes.Listen!,
            Rounds = rounds,
            Wake = face.Wake,
            Status = face.Status,
            Lists = face.Lists,
            Interval = wishes.Interval,
            GitHubSecret = SecretOf(GitHubSecretVariable),
            RegistrySecret = SecretOf(RegistrySecretVariable),
        };
        try
        {
            var server = await ControllerServer.StartAsync(settings, ct);
            run.Teller.Announce($"listening at {server.Address}");
            run.Teller.Announce(Hooks(settings));
            return server;
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            run.Tell([Diagnostic.Create(ServeRules.CannotListen, null, wishes.Listen, e.Message.TrimEnd('.'))]);
            return null;
        }
    }

    /// <summary>A secret that did not arrive shows nowhere else than in the settings of whoever sends.</summary>
    private static string Hooks(ControllerSettings settings) => (settings.GitHubSecret, settings.RegistrySecret) switch
    {
        (null, null) => $"no webhooks are taken: neither {GitHubSecretVariable} nor {RegistrySecretVariable} is set",
        (_, null) => $"webhooks are taken at /hooks/github; {RegistrySecretVariable} is not set",
        (null, _) => $"webhooks are taken at /hooks/registry; {GitHubSecretVariable} is not set",
        _ => "webhooks are taken at /hooks/github and /hooks/registry",
    };

    private static Secret? SecretOf(string variable) => Environment.GetEnvironmentVariable(variable) switch
    {
        null or "" => null,
        { Length: < ShortestSecret } => throw new UsageException($"{variable} has fewer than {ShortestSecret} characters, which can be guessed; take 32 random ones"),
        // Usual where a file or a tool that ends its lines gave it: no sender's would ever be the same.
        var value when value.Trim() != value => throw new UsageException($"{variable} begins or ends with a space or a line break, so no webhook would fit it; take that out"),
        var value => new(value, variable),
    };
}
