using System.Collections.Immutable;
using Pipeline.Engine.Planning;

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

    /// <summary>What keeps targets from being built, each once.</summary>
    public static void TellProblems(Run run, BuildPlan plan) =>
        run.Tell([.. plan.Steps.SelectMany(s => (s.Target.Problem?.Diagnostics ?? []).Concat(s.Target.Warnings)).Distinct()]);

    public static ExitCode ExitOf(BuildPlan plan) =>
        !plan.InvalidImages.IsEmpty || plan.Steps.Any(s => s.State == TargetState.Invalid) ? ExitCode.Mend
        : plan.Steps.Any(s => s.State == TargetState.Unreachable) ? ExitCode.TryAgain
        : ExitCode.Done;
}
