using System.CommandLine;
using System.CommandLine.Parsing;
using Pipeline.Cli.Reporting;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Publishing;
using Pipeline.Engine.Publishing.GitHub;
using Pipeline.Engine.Reconciling;
using Pipeline.Engine.Reconciling.Shares;

namespace Pipeline.Cli.Verbs;

/// <summary><c>pipeline reconcile</c>: look, decide, build what is stale, release it, tell.</summary>
internal static class ReconcileVerb
{
    private static readonly Option<bool> DryRun = new("--dry-run", "-n") { Description = "Only plan" };
    private static readonly Option<bool> Watch = new("--watch", "-w") { Description = "Do it again and again, until cancelled" };

    private static readonly TimeSpan StandardInterval = TimeSpan.FromMinutes(15);

    private static readonly Option<TimeSpan?> Interval = new("--interval")
    {
        HelpName = "TIME",
        Description = "With --watch: the pause between rounds, such as 90s, 6h, 1d (default: 15m)",
        CustomParser = result => Duration.Parse(result),
    };

    private static readonly Option<string?> Listen = new("--listen")
    {
        HelpName = "ADDRESS:PORT",
        Description = "With --watch: answer with pages, lists, /healthz, /metrics and webhooks there, such as 127.0.0.1:8080",
    };

    private static readonly Option<string?> FilesAt = new("--files-at")
    {
        HelpName = "URL",
        Description = "With --listen: the address at which the directory of releases is served; for links in pages and lists",
    };

    public static Command Create(CommonOptions common)
    {
        var verb = new VerbCommand("reconcile", "Build what is stale and release it")
        {
            Notes = "One image that fails never stops the others, and its last release stays. What was interrupted is done again by the\nnext run; nobody ever sees half a release.",
            Examples =
            [
                ("pipeline reconcile", "bring every image of this repository up to date"),
                ("pipeline reconcile kiosk --force", "build and release one image although it is current"),
                ("pipeline reconcile --watch --interval 15m", "keep them up to date"),
                ("pipeline reconcile --watch --listen 127.0.0.1:8080", "the same, and at once when a webhook says that something moved"),
                ("pipeline reconcile --watch --ref origin/main --fetch", "follow a branch of the repository's remote"),
                ("pipeline reconcile --share 1/3", "the images of the second of three machines"),
                ("pipeline reconcile --ref v1.4", "release what a tag asks for, whatever lies in the work tree"),
            ],
            ExitCodes = RepositoryVerb.ReconcileCodes,
        }
        .With(common.Images, common.Boards, common.Force, common.Share, DryRun, Watch, Interval, Listen, FilesAt, common.Parallel)
        .With(common.Releases, common.Summary, common.VerifyDiffIds, common.Repository, common.Ref, common.Fetch, common.Cache, common.Offline);
        verb.Validators.Add(CheckWatch);
        verb.Validators.Add(result =>
        {
            if (result.GetResult(common.Fetch) is { Implicit: false } && result.GetResult(common.Ref) is null)
                result.AddError("--fetch brings commits and leaves the work tree alone; say with --ref which branch is read, such as --ref origin/main");
        });
        return verb.Does(common, (run, ct) => run.Value(DryRun) ? PlanVerb.ActAsync(run, ct) : ActAsync(run, ct));
    }

    /// <summary>Whoever forgets --watch wanted a service, and would get one release.</summary>
    private static void CheckWatch(CommandResult result)
    {
        if (result.GetResult(Watch) is { Implicit: false })
        {
            if (result.GetResult(DryRun) is { Implicit: false } && result.GetValue(DryRun) && result.GetValue(Watch))
                result.AddError("--dry-run only plans, once; leave out --watch");
            return;
        }
        foreach (var option in new Option[] { Interval, Listen, FilesAt }.Where(o => result.GetResult(o) is { Implicit: false }))
            result.AddError($"{option.Name} is for a run with --watch; add --watch");
    }

    private static async Task<ExitCode> ActAsync(Run run, CancellationToken ct)
    {
        await using var opened = await OpenedRepository.OpenAsync(run, ct);
        if (opened.Workspace is not { } whole)
            return opened.Exit;
        var workspace = run.Value(run.Common.Share) is { } share ? ShareSplit.Narrow(whole, share) : whole;
        await using var parts = Composition.ForRepository(run, workspace);
        var reconciler = parts.Reconciler(opened.Selection, run.Value(run.Common.Force), backsOff: run.Value(Watch));
        if (run.Value(Watch) && run.Value(run.Common.Share) is not null)
            throw new UsageException("--watch reads the manifests anew each round; --share is for runs that end");
        if (!run.Value(Watch))
            return await OnceAsync(run, parts, reconciler, ct);
        return await Controller.RunAsync(run, opened, parts, reconciler, Wishes(run), ct);
    }

    private static ControllerWishes Wishes(Run run) => new(
        run.Value(Interval) ?? StandardInterval, run.Value(Listen) is { } listen ? ListenAddress.Parse(listen) : null, WebAddress.Parse(FilesAt.Name, run.Value(FilesAt)));

    private static async Task<ExitCode> OnceAsync(Run run, Composition parts, Reconciler reconciler, CancellationToken ct)
    {
        var outcome = await reconciler.RunOnceAsync(parts.Workspace, ct);
        if (run.Value(run.Common.Summary) is { } summary)
            await File.AppendAllTextAsync(summary, OutcomeMarkdown.Render(outcome), ct);
        if (Environment.GetEnvironmentVariable("GITHUB_ACTIONS") == "true" && parts.GitHubSettings() is { } settings)
            await TellSchedulesAsync(run, settings, ct);
        return OutcomeText.Tell(run, outcome);
    }

    /// <summary>A courtesy: a token that may not look, or a GitHub that is down, is no failure of this run.</summary>
    private static async Task TellSchedulesAsync(Run run, GitHubSettings settings, CancellationToken ct)
    {
        try
        {
            run.Tell(await ScheduledWorkflows.CheckAsync(settings, ct));
        }
        catch (Exception e) when (e is HttpRequestException or ReleaseRefusedException)
        {
            run.Teller.Announce("whether schedules are on could not be seen");
        }
    }
}
