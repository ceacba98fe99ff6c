using System.Collections.Immutable;

namespace Pipeline.Engine.Planning;

/// <summary>Holds back what is stale and must wait: by a policy of its image, or because it failed. Pure; forced targets pass.</summary>
public static class PlanHold
{
    /// <summary>What is known of earlier tries, for all that is stale; what waits says so itself.</summary>
    public static BuildPlan Annotate(BuildPlan plan, Func<PlanStep, string?> note) =>
        plan with { Steps = [.. plan.Steps.Select(s => s.State is TargetState.Stale or TargetState.Held && note(s) is { } told ? s with { Note = s.Note ?? told, HasFailed = true } : s)] };

    /// <param name="wait">Why a stale step waits, as <c>held until 2026-12-24 06:00 UTC</c>; null where it does not.</param>
    public static BuildPlan Apply(BuildPlan plan, Func<PlanStep, string?> wait)
    {
        ImmutableArray<PlanStep> steps =
        [
            .. plan.Steps.Select(step => step.State == TargetState.Stale && !step.Because.Contains(Reason.Forced) && wait(step) is { } why
                ? step with { State = TargetState.Held, Note = why }
                : step),
        ];
        return plan with { Steps = steps };
    }
}
