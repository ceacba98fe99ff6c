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
                ("pipeline plan --ref origin/main", "what that branch asks for, whatever lies in the work tree"),
                ("pipeline plan --json", "with all inputs in full, one object per target"),
            ],
            ExitCodes =
            [
                (ExitCode.Done, "planned, whether anything is stale or not"), (ExitCode.Mend, "a selected image has mistakes"),
                (ExitCode.TryAgain, "a source or the release store could not be looked at"),
            ],
        }
        .With(common.Images, common.Boards, common.Force, common.Repository, common.Ref, common.Cache, common.Offline)
        .Does(common, ActAsync);

    public static async Task<ExitCode> ActAsync(Run run, CancellationToken ct)
    {
        using var opened = await OpenedRepository.OpenAsync(run, ct);
        if (opened.Workspace is not { } workspace)
            return opened.Exit;
        await using var parts = Composition.ForLooking(run, workspace);
        var (plan, published) = await parts.Reconciler(opened.Selection, run.Value(run.Common.Force)).PlanAsync(workspace, ct);
        run.Tell([.. published.Values.SelectMany(r => r.Diagnostics)]);
        RepositoryVerb.TellProblems(run, plan);
        run.Results.WriteText(run.Results.IsJson ? "" : PlanText.Render(plan, run.Results.Paint));
        PlanText.WriteJson(plan, run.Results);
        return RepositoryVerb.ExitOf(plan);
    }
}
