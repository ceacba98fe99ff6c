using System.Collections.Immutable;

namespace Pipeline.Engine.Planning;

/// <summary>Which targets are stale, and why. A pure function: it neither asks nor changes the world.</summary>
public static class Planner
{
    /// <param name="targets">With distinct ids, in any order.</param>
    /// <param name="published">By id; what the newest releases hold. Ids of other images than the targets' are ignored.</param>
    /// <param name="force">What could be built is stale, whatever was published.</param>
    public static BuildPlan Plan(
        IReadOnlyList<Target> targets, IReadOnlyDictionary<string, PublishedTarget> published, bool force)
    {
        var steps = targets.OrderBy(t => t.Id, StringComparer.Ordinal)
            .Select(target => Decide(target, published.GetValueOrDefault(target.Id), force))
            .ToImmutableArray();
        return new(steps) { Retired = Retired(targets, published.Keys) };
    }

    private static PlanStep Decide(Target target, PublishedTarget? published, bool force)
    {
        if (target.Image.IsSuspended)
            return new(target, TargetState.Suspended, []);
        if (target.Problem is { } problem)
            return new(target, problem.IsUnreachable ? TargetState.Unreachable : TargetState.Invalid, []);
        if (target.Inputs is not { } inputs)
            throw new ArgumentException($"target {target.Id} has neither inputs nor a problem");
        var because = Reasons(inputs, published, force);
        return new(target, because.IsEmpty ? TargetState.Current : TargetState.Stale, because);
    }

    private static ImmutableArray<Reason> Reasons(BuildInputs inputs, PublishedTarget? published, bool force)
    {
        var reasons = ImmutableArray.CreateBuilder<Reason>();
        if (force)
            reasons.Add(Reason.Forced);
        if (published is null)
        {
            reasons.Add(Reason.NeverPublished);
            return reasons.ToImmutable();
        }
        reasons.AddRange(published.Lost.Order(StringComparer.Ordinal).Select(Reason.Lost));
        reasons.AddRange(Differences(published.Inputs.Deciding, inputs.Deciding));
        return reasons.ToImmutable();
    }

    /// <summary>What differs between two maps, in order of name; null stands for "not there".</summary>
    internal static IEnumerable<Reason> Differences(
        ImmutableSortedDictionary<string, string> old, ImmutableSortedDictionary<string, string> now) =>
        from name in old.Keys.Union(now.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal)
        let reason = new Reason(name, old.GetValueOrDefault(name), now.GetValueOrDefault(name))
        where reason.Old != reason.New
        select reason;

    private static ImmutableArray<string> Retired(IReadOnlyList<Target> targets, IEnumerable<string> published)
    {
        var images = targets.Select(t => t.Image).DistinctBy(i => i.Name, StringComparer.Ordinal)
            .ToDictionary(i => i.Name, Target.IdsOf, StringComparer.Ordinal);
        return
        [
            .. published.Where(id => images.TryGetValue(id.Split('/')[0], out var wanted) && !wanted.Contains(id))
                .Order(StringComparer.Ordinal),
        ];
    }
}
