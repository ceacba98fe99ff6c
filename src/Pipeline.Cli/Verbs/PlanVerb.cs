using System.CommandLine;
using Pipeline.Cli.Reporting;

namespace Pipeline.Cli.Verbs;

/// <summary><c>pipeline plan</c>: what reconcile would do, and why. Changes nothing.</summary>
internal static class PlanVerb
{
    public static Command Create(CommonOptions common) =>
        new VerbCommand("plan", "Show which images are stale, and why; build nothing")
        {
            Notes = "A target is stale when something that decides its bytes differs from what made the last release: the digest of\n"
                + "the source for its platform, the manifest, the board, a file that they name, the format of this engine.",
            Examples =
            [
                ("pipeline plan", "every image for every board: current, stale because, suspended, unreachable, invalid"),
                ("pipeline plan debian-minimal --board uefi-arm64", "one image for one board"),
                ("pipeline plan --json", "with all inputs in full, one object per target"),
                ("pipeline plan --releases github --summary \"$GITHUB_STEP_SUMMARY\"", "in a workflow: against the releases on GitHub, as the summary of the job"),
            ],
            ExitCodes =
            [
                (ExitCode.Done, "planned, whether anything is stale or not"), (ExitCode.Mend, "a selected image has mistakes"),
                (ExitCode.TryAgain, "a source or the release store could not be looked at"),
            ],
        }
        .With(common.Images, common.Boards, common.Force, common.Releases, common.Summary)
        .With(common.Repository, common.Cache, common.Offline)
        .Does(common, ActAsync);

    public static async Task<ExitCode> ActAsync(Run run, CancellationToken ct)
    {
        if (!RepositoryVerb.TryRead(run, out var workspace, out var selection, out var exit))
            return exit;
        await using var parts = Composition.ForLooking(run, workspace);
        var (plan, published) = await parts.Reconciler(selection, run.Value(run.Common.Force)).PlanAsync(workspace, ct);
        run.Tell([.. published.Values.SelectMany(r => r.Diagnostics)]);
        RepositoryVerb.TellProblems(run, plan);
        run.Results.WriteText(run.Results.IsJson ? "" : PlanText.Render(plan, run.Results.Paint));
        PlanText.WriteJson(plan, run.Results);
        if (run.Value(run.Common.Summary) is { } summary)
            await File.AppendAllTextAsync(summary, PlanMarkdown.Render(PlanSummary.Of(plan), PlanMarkdown.SummaryCharacters), ct);
        return RepositoryVerb.ExitOf(plan);
    }
}
