using System.Collections.Immutable;
using System.CommandLine;
using Pipeline.Cli.Reporting;
using Pipeline.Engine.Comparing;
using Pipeline.Engine.Opening.Remotes;
using Pipeline.Engine.Reconciling.Shares;
using Pipeline.Engine.Resolving;

namespace Pipeline.Cli.Verbs;

/// <summary><c>pipeline plan</c>: what reconcile would do, and why. Changes nothing.</summary>
internal static class PlanVerb
{
    private static readonly Option<string?> Since = new("--since")
    {
        HelpName = "COMMIT-ISH",
        Description = "Only the images that commits touch since the line parted from this branch, tag or commit",
    };

    private static readonly Option<MatrixShape?> Matrix = new("--matrix")
    {
        HelpName = "JOBS",
        Description = "Print the stale work as a matrix of at most JOBS jobs for GitHub Actions, and nothing else; more than 256, or SHARDSxJOBS, give a matrix of matrices",
        CustomParser = result =>
        {
            if (MatrixShape.TryParse(result.Tokens.Count == 1 ? result.Tokens[0].Value : "", out var shape))
                return shape;
            result.AddError($"--matrix takes a number of jobs, or SHARDSxJOBS with at most {MatrixShape.MostOfOne} of each, such as 3x200; at most {MatrixShape.MostJobs} in all");
            return null;
        },
    };

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
                ("pipeline plan --since origin/main", "what this branch changes: the images that it touches, and through which files"),
                ("pipeline plan --matrix 20", "the stale work in at most 20 jobs, for 'fromJSON' in a workflow"),
                ("pipeline plan --matrix 600", "in up to 600, as a matrix of matrices: one matrix holds no more than 256"),
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
        .With(common.Repository, common.Ref, Since, Matrix, common.Cache, common.Offline)
        .Does(common, ActAsync);

    public static async Task<ExitCode> ActAsync(Run run, CancellationToken ct)
    {
        await using var opened = await OpenedRepository.OpenToTellAsync(run, ct);
        if (opened.Workspace is not { } whole)
            return opened.Exit;
        var workspace = run.Value(run.Common.Share) is { } share ? ShareSplit.Narrow(whole, share) : whole;
        var selection = opened.Selection;
        if (run.Value(Since) is { } since)
        {
            if (await SelectTouchedAsync(run, opened, since, ct) is not { } touched)
                return ExitCode.Mend;
            selection = touched;
        }
        if (selection == TargetSelection.None)
        {
            if (run.Value(Matrix) is not null)
                run.Results.WriteLine(MatrixText.Nothing);
            return ExitCode.Done;
        }
        await using var parts = Composition.ForLooking(run, workspace);
        var planned = await parts.Reconciler(selection, run.Value(run.Common.Force)).PlanAsync(workspace, ct);
        var (plan, published) = planned;
        run.Tell([.. published.Values.SelectMany(r => r.Diagnostics)]);
        RepositoryVerb.TellProblems(run, plan);
        var behind = await TellBehindAsync(run, opened, ct);
        if (run.Value(Matrix) is { } shape)
        {
            run.Results.WriteLine(MatrixText.Render(planned, shape));
            return RepositoryVerb.ExitOf(plan);
        }
        run.Results.WriteText(run.Results.IsJson ? "" : PlanText.Render(plan, run.Results.Paint));
        PlanText.WriteJson(plan, run.Results);
        if (run.Value(run.Common.Summary) is { } summary)
            await File.AppendAllTextAsync(summary, PlanMarkdown.Render(PlanSummary.Of(plan) with { Behind = behind }, PlanMarkdown.SummaryCharacters), ct);
        return RepositoryVerb.ExitOf(plan);
    }

    /// <summary>A notice only: what pipeline.lock pins counts until somebody moves it.</summary>
    private static async Task<ImmutableArray<BehindRow>> TellBehindAsync(Run run, OpenedRepository opened, CancellationToken ct)
    {
        if (opened.Request.Offline || opened.Workspace!.Remotes.IsEmpty)
            return [];
        var rows = ImmutableArray.CreateBuilder<BehindRow>();
        foreach (var (pinned, newest) in await LockUpdate.BehindAsync(opened.Parts, opened.Workspace, ct))
        {
            var now = pinned with { Resolved = newest };
            rows.Add(new(pinned.Name, pinned.Short, now.Short));
            run.Teller.Announce($"{pinned.Name} has moved on ({pinned.Short} → {now.Short}); 'pipeline update' takes it");
            run.Results.WriteJson("behind", json =>
            {
                json.WriteString("name", pinned.Name);
                json.WriteString("pinned", pinned.Resolved);
                json.WriteString("newest", newest);
            });
        }
        return rows.ToImmutable();
    }

    /// <summary>Tells what the range means, and selects what of it can be planned. Null where it cannot be told; then the mistake was.</summary>
    private static async Task<TargetSelection?> SelectTouchedAsync(Run run, OpenedRepository opened, string since, CancellationToken ct)
    {
        var workspace = opened.Workspace!;
        var begin = await RangeReader.BeginAsync(workspace, since, ct);
        run.Tell(begin.Diagnostics);
        if (!begin.IsOk)
            return null;
        var old = await opened.ReadOtherAsync(begin.Value!, ct);
        var compared = await RangeReader.CompareAsync(old, workspace, begin.Value!, ct);
        run.Tell(compared.Diagnostics);
        if (compared.Value is not { } changes)
            return null;
        var touched = changes with { Images = [.. changes.Images.Where(i => opened.Selection.IncludesImage(i.Image))] };
        if (run.Value(Matrix) is null)
            ChangeText.Tell(touched, since, begin.Value!, run.Results);
        return touched.Present.Any() ? opened.Selection with { Images = [.. touched.Present] } : TargetSelection.None;
    }
}
