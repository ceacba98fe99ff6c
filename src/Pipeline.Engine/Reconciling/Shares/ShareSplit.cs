using System.Collections.Immutable;
using Pipeline.Core.Units;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Planning;

namespace Pipeline.Engine.Reconciling.Shares;

/// <summary>Targets that are built together: those of one image that stand on one source for one platform.</summary>
/// <param name="Weight">Expected cost in bytes.</param>
public sealed record WorkUnit(string Image, string Source, ImmutableArray<PlanStep> Steps, long Weight);

/// <summary>
/// Cuts work into shares. Pure, and the same wherever it is computed from the same plan: units lie in a line in order of their
/// sources, and the line is cut into pieces of about the same weight, so that a share downloads and unpacks few sources.
/// </summary>
public static class ShareSplit
{
    /// <summary>What every target costs beside its bytes: looking, tables, a file to release.</summary>
    private const long FixedWeight = 16L << 20;

    /// <summary>The stale targets as units. A target weighs what its files in the last release do; a new one what the others do on average.</summary>
    public static ImmutableArray<WorkUnit> Units(ReconcilePlan plan)
    {
        var sizes = plan.Published.Values.SelectMany(r => r.Record?.Targets.Values ?? [])
            .ToDictionary(t => t.Id, t => t.Files.Sum(f => f.Size.Bytes), StringComparer.Ordinal);
        var usual = sizes.Count == 0 ? 0 : (long)sizes.Values.Average();
        return
        [
            .. from step in plan.Plan.Steps
               where step.State == TargetState.Stale
               group step by (Source: SourceOf(step.Target), Image: step.Target.Image.Name) into unit
               orderby unit.Key.Source, unit.Key.Image
               select new WorkUnit(unit.Key.Image, unit.Key.Source, [.. unit], unit.Sum(s => FixedWeight + sizes.GetValueOrDefault(s.Target.Id, usual))),
        ];
    }

    /// <returns>As many shares as asked for; the last ones may be empty. Every unit is in exactly one.</returns>
    public static ImmutableArray<ImmutableArray<WorkUnit>> Cut(ImmutableArray<WorkUnit> units, int count)
    {
        var ordered = units.OrderBy(u => u.Source, StringComparer.Ordinal).ThenBy(u => u.Image, StringComparer.Ordinal).ToList();
        var shares = Enumerable.Range(0, count).Select(_ => ImmutableArray.CreateBuilder<WorkUnit>()).ToArray();
        var total = ordered.Aggregate((Int128)0, (sum, u) => sum + u.Weight);
        Int128 before = 0;
        foreach (var unit in ordered)
        {
            // By its middle: a unit that lies across a cut goes where more of it lies.
            var middle = 2 * before + unit.Weight;
            shares[total == 0 ? 0 : (int)Int128.Min(count - 1, middle * count / (2 * total))].Add(unit);
            before += unit.Weight;
        }
        return [.. shares.Select(s => s.ToImmutable())];
    }

    /// <summary>
    /// The images of a share, by the manifests alone: what others release meanwhile does not move the cuts. An image is in one
    /// share as a whole, because one run makes its release. Images with mistakes are told by the first.
    /// </summary>
    public static Workspace Narrow(Workspace workspace, Share share)
    {
        var units = workspace.Images.Where(i => !i.IsSuspended)
            .Select(i => new WorkUnit(i.Name, i.Source.Text, [], i.Boards.Length * i.Outputs.Length)).ToImmutableArray();
        var mine = Cut(units, share.Count)[share.Index].Select(u => u.Image).ToHashSet(StringComparer.Ordinal);
        return workspace with
        {
            Images = [.. workspace.Images.Where(i => mine.Contains(i.Name))],
            InvalidImages = share.Index == 0 ? workspace.InvalidImages : [],
        };
    }

    private static string SourceOf(Target target) => $"{target.Resolved!.Identity.Text} {target.Board.Platform}";
}
