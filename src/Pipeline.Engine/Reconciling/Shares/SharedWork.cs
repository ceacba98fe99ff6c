using System.Collections.Immutable;
using Pipeline.Engine.Planning;

namespace Pipeline.Engine.Reconciling.Shares;

/// <summary>One machine's part of the work, and where it brings what it built.</summary>
public sealed record SharedWork(Share Share, IStage Stage)
{
    /// <summary>
    /// Ids of the targets that a plan gave to this share; empty where the share cuts its part itself. What was decided once is
    /// not decided again by each machine, and each one looks only at its own sources.
    /// </summary>
    public ImmutableArray<string> Targets { get; init; } = [];

    public bool IsListed => !Targets.IsEmpty;

    public ImmutableArray<PlanStep> Of(ReconcilePlan planned) => IsListed
        ? [.. planned.Plan.Steps.Where(s => s.State == TargetState.Stale && Targets.Contains(s.Target.Id, StringComparer.Ordinal))]
        : [.. ShareSplit.Cut(ShareSplit.Units(planned), Share.Count)[Share.Index].SelectMany(u => u.Steps)];

    /// <summary>Those on the list that were stale when the plan was made, and now cannot even be planned.</summary>
    public IEnumerable<PlanStep> Unbuildable(ReconcilePlan planned) =>
        planned.Plan.Steps.Where(s => s.State is TargetState.Invalid or TargetState.Unreachable && Targets.Contains(s.Target.Id, StringComparer.Ordinal));
}
