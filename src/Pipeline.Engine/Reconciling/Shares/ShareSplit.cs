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

    /// <summary>The cut of a line whose heaviest share is as light as can be: the last share to end says how long the work takes.</summary>
    /// <returns>As many shares as asked for; the last ones are empty where there are fewer units. Every unit is in exactly one.</returns>
    public static ImmutableArray<ImmutableArray<WorkUnit>> Cut(ImmutableArray<WorkUnit> units, int count)
    {
        ImmutableArray<WorkUnit> ordered = [.. units.OrderBy(u => u.Source, StringComparer.Ordinal).ThenBy(u => u.Image, StringComparer.Ordinal)];
        var rest = ordered.Aggregate(Int128.Zero, (sum, u) => sum + u.Weight);
        var limit = Lightest(ordered, count, rest);
        var needed = Needed(ordered, limit);
        var shares = ImmutableArray.CreateBuilder<ImmutableArray<WorkUnit>>(count);
        for (var (first, left) = (0, count); left > 0; left--)
        {
            var (end, weight) = (first, Int128.Zero);
            while (end < ordered.Length && (end == first || needed[end] >= left || IsWelcome(ordered[end].Weight)))
                weight += ordered[end++].Weight;
            shares.Add(ordered[first..end]);
            (first, rest) = (end, rest - weight);

            // Up to an even part of what is left, by the unit's middle; and no share stays without work while another has more than one unit.
            bool IsWelcome(long next) => ordered.Length - end >= left && weight + next <= limit && ((2 * weight) + next) * left <= 2 * rest;
        }
        return shares.MoveToImmutable();
    }

    /// <summary>The least weight that the heaviest of so many shares can have.</summary>
    private static Int128 Lightest(ImmutableArray<WorkUnit> ordered, int count, Int128 total)
    {
        var (least, most) = (ordered.IsEmpty ? Int128.Zero : (Int128)ordered.Max(u => u.Weight), total);
        while (least < most)
        {
            var middle = least + ((most - least) / 2);
            (least, most) = Needed(ordered, middle)[0] <= count ? (least, middle) : (middle + 1, most);
        }
        return most;
    }

    /// <summary>For each place in the line, how many shares of at most this weight the rest of it needs.</summary>
    private static int[] Needed(ImmutableArray<WorkUnit> ordered, Int128 limit)
    {
        var needed = new int[ordered.Length + 1];
        var (end, weight) = (ordered.Length, Int128.Zero);
        for (var first = ordered.Length - 1; first >= 0; first--)
        {
            weight += ordered[first].Weight;
            while (weight > limit)
                weight -= ordered[--end].Weight;
            needed[first] = 1 + needed[end];
        }
        return needed;
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
