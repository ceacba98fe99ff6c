using System.CommandLine;
using Pipeline.Cli.Reporting;
using Pipeline.Engine.Reconciling;
using Pipeline.Engine.Reconciling.Shares;

namespace Pipeline.Cli.Verbs;

/// <summary><c>pipeline publish</c>: releases what <c>build --output</c> left.</summary>
internal static class PublishVerb
{
    public static Command Create(CommonOptions common)
    {
        var output = new Option<string?>("--output", "-o") { HelpName = "DIR", Description = "The directory that 'pipeline build --output DIR' filled; what is missing there is built" };
        var staged = new Option<string[]>("--staged") { HelpName = "PLACE", Description = "Where shares were built to, a directory or oci://HOST/PATH[:RUN]; nothing is built, may be repeated", DefaultValueFactory = _ => [] };
        var verb = new VerbCommand("publish", "Release what 'pipeline build' left in a directory")
        {
            Notes = "This is 'reconcile' with a head start: what is stale is released; a target's files are taken from DIR where they were\n"
                + "built from the inputs of today and still have their digests, and are built otherwise. DIR stays as it is.",
            Examples =
            [
                ("pipeline build -o out && pipeline publish -o out", "build, look at it, then release it"),
                ("pipeline publish kiosk --output out", "release one image"),
                ("pipeline publish --staged stage", "release what several machines built with --share; say which of them is missing"),
                ("pipeline publish --staged oci://registry.example/acme/stage", "the same, out of a registry; what was released is deleted there"),
            ],
            ExitCodes = RepositoryVerb.ReconcileCodes,
        }
        .With(common.Images, common.Boards, output, staged, common.Force, common.Parallel, common.VerifyDiffIds)
        .With(common.Releases, common.Summary, common.Repository, common.Ref, common.Cache, common.Offline)
        .Does(common, (run, ct) => run.Value(output) is { } directory ? ActAsync(run, directory, ct) : StagedAsync(run, run.Value(staged)!, ct));
        verb.Validators.Add(result =>
        {
            var isStaged = result.GetValue(staged) is { Length: > 0 };
            if (result.GetResult(output) is null != isStaged)
                result.AddError("name one of --output DIR (what is missing is built) and --staged DIR (nothing is built)");
        });
        return verb;
    }

    private static async Task<ExitCode> StagedAsync(Run run, string[] staged, CancellationToken ct)
    {
        if (Array.Find(staged, d => !StagePlace.IsMeant(d) && !Directory.Exists(d)) is { } missing)
            throw new UsageException($"there is no directory '{missing}'; 'pipeline build --share INDEX/COUNT --stage {missing}' makes it");
        await using var opened = await OpenedRepository.OpenAsync(run, ct);
        if (opened.Workspace is not { } workspace)
            return opened.Exit;
        await using var parts = Composition.ForRepository(run, workspace);
        IStage[] stages = [.. staged.Select(parts.OpenStage)];
        run.Tell(await ShareReport.CheckAsync(stages, ct));
        var outcome = await parts.StagedReconciler(opened.Selection, run.Value(run.Common.Force), stages).RunOnceAsync(workspace, ct);
        foreach (var stage in stages)
            await stage.ClearAsync(outcome, ct);
        return await TellAsync(run, outcome, ct);
    }

    private static async Task<ExitCode> ActAsync(Run run, string output, CancellationToken ct)
    {
        if (!Directory.Exists(output))
            throw new UsageException($"there is no directory '{output}'; 'pipeline build --output {output}' makes it");
        await using var opened = await OpenedRepository.OpenAsync(run, ct);
        if (opened.Workspace is not { } workspace)
            return opened.Exit;
        await using var parts = Composition.ForRepository(run, workspace);
        var reconciler = parts.ReusingReconciler(opened.Selection, run.Value(run.Common.Force), Path.GetFullPath(output));
        return await TellAsync(run, await reconciler.RunOnceAsync(workspace, ct), ct);
    }

    private static async Task<ExitCode> TellAsync(Run run, ReconcileOutcome outcome, CancellationToken ct)
    {
        if (run.Value(run.Common.Summary) is { } summary)
            await File.AppendAllTextAsync(summary, OutcomeMarkdown.Render(outcome), ct);
        return OutcomeText.Tell(run, outcome);
    }
}
