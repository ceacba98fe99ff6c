using System.CommandLine;
using Pipeline.Cli.Reporting;

namespace Pipeline.Cli.Verbs;

/// <summary><c>pipeline publish</c>: releases what <c>build --output</c> left.</summary>
internal static class PublishVerb
{
    public static Command Create(CommonOptions common)
    {
        var output = new Option<string>("--output", "-o") { Required = true, HelpName = "DIR", Description = "The directory that 'pipeline build --output DIR' filled" };
        return new VerbCommand("publish", "Release what 'pipeline build' left in a directory")
        {
            Notes = "This is 'reconcile' with a head start: what is stale is released; a target's files are taken from DIR where they were\n"
                + "built from the inputs of today and still have their digests, and are built otherwise. DIR stays as it is.",
            Examples =
            [
                ("pipeline build -o out && pipeline publish -o out", "build, look at it, then release it"),
                ("pipeline publish kiosk --output out", "release one image"),
            ],
            ExitCodes = RepositoryVerb.ReconcileCodes,
        }
        .With(common.Images, common.Boards, output, common.Force, common.Parallel, common.VerifyDiffIds)
        .With(common.Releases, common.Repository, common.Ref, common.Cache, common.Offline)
        .Does(common, (run, ct) => ActAsync(run, run.Value(output)!, ct));
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
        return OutcomeText.Tell(run, await reconciler.RunOnceAsync(workspace, ct));
    }
}
