using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Planning;
using Pipeline.Engine.Resolving;

namespace Pipeline.Cli.Verbs;

/// <summary>What the verbs that work on selected images of a repository share.</summary>
internal static class RepositoryVerb
{
    public static ImmutableArray<(ExitCode, string)> ReconcileCodes { get; } =
    [
        (ExitCode.Done, "all is current, or was built and released"),
        (ExitCode.Mend, "a selected image has mistakes; the others are done"),
        (ExitCode.TryAgain, "a registry or the release store failed; the others are done"),
        (ExitCode.PartlyDone, "some images failed to build; the others are done"),
    ];

    /// <summary>Reads the repository and the selection, and tells every mistake of either.</summary>
    /// <param name="exit">Where there is nothing to go on with.</param>
    public static bool TryRead(Run run, [NotNullWhen(true)] out Workspace? workspace, out TargetSelection selection, out ExitCode exit)
    {
        selection = new([.. run.Value(run.Common.Images) ?? []], [.. run.Value(run.Common.Boards) ?? []]);
        var read = WorkspaceReader.Read(run.RepositoryPath);
        run.Tell(read.Diagnostics);
        workspace = read.Value;
        exit = ExitCode.Mend;
        if (workspace is null)
            return false;
        var unknown = selection.Check(workspace);
        run.Tell(unknown);
        exit = ExitCode.WrongArguments;
        return unknown.IsEmpty;
    }

    /// <summary>What keeps targets from being built, each once.</summary>
    public static void TellProblems(Run run, BuildPlan plan) =>
        run.Tell([.. plan.Steps.SelectMany(s => (s.Target.Problem?.Diagnostics ?? []).Concat(s.Target.Warnings)).Distinct()]);

    public static ExitCode ExitOf(BuildPlan plan) =>
        !plan.InvalidImages.IsEmpty || plan.Steps.Any(s => s.State == TargetState.Invalid) ? ExitCode.Mend
        : plan.Steps.Any(s => s.State == TargetState.Unreachable) ? ExitCode.TryAgain
        : ExitCode.Done;
}
