using System.Collections.Immutable;

namespace Pipeline.Engine.Planning;

/// <summary>Holds back what is stale and must wait: by a policy of its image, or because it failed. Pure; forced targets pass.</summary>
public static class PlanHold
{
    /// <summary>What is known of earlier tries, for stale steps that have no note yet.</summary>
    public static BuildPlan Annotate(BuildPlan plan, Func<PlanStep, string?> note) =>
        plan with { Steps = [.. plan.Steps.Select(s => s.State == TargetState.Stale ? s with { Note = note(s) } : s)] };

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
