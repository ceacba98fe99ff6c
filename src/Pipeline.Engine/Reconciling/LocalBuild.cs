using System.Collections.Concurrent;
using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Planning;
using Pipeline.Engine.Reconciling.Shares;
using Pipeline.Engine.Resolving;

namespace Pipeline.Engine.Reconciling;

/// <summary>
/// Builds a repository's images and releases nothing: those that are stale, or those that are named, named ones also when
/// they are current or suspended.
/// </summary>
/// <param name="shelf">A directory is on the file system of the scratch directory.</param>
public sealed class LocalBuild(ReconcilerParts parts, ReconcileOptions options, IBuiltImages shelf)
{
    /// <summary>Only this part of what is stale, and of that only what the stage does not hold; null is everything.</summary>
    public SharedWork? Shared { get; init; }

    public async Task<ReconcileOutcome> RunAsync(Workspace workspace, CancellationToken ct)
    {
        var isNamed = Shared is not { IsListed: true } && !options.Selection.Images.IsEmpty;
        var wanted = !isNamed ? workspace : workspace with
        {
            Images = [.. workspace.Images.Select(i => options.Selection.IncludesImage(i.Name) ? i with { IsSuspended = false } : i)],
        };
        var reconciler = new Reconciler(parts, options with { Force = options.Force || isNamed });
        var planned = await reconciler.PlanAsync(wanted, ct);
        if (Shared is { } shared)
            return await RunShareAsync(shared, planned, ct);
        return await BuildAsync(planned.Plan, ct);
    }

    private async Task<ReconcileOutcome> RunShareAsync(SharedWork shared, ReconcilePlan planned, CancellationToken ct)
    {
        var (share, stage) = (shared.Share, shared.Stage);
        var mine = shared.Of(planned);
        var missing = await stage.MissingAsync(mine, ct);
        if (missing.Length < mine.Length)
            parts.Reporter.Announce($"{mine.Length - missing.Length} of the {mine.Length} targets of share {share} are staged already");
        // What keeps targets from being planned at all is told by the first share, where it was not told before.
        var tells = share.Index == 0 && !shared.IsListed;
        var others = tells ? planned.Plan.Steps.Where(s => s.State is TargetState.Invalid or TargetState.Unreachable) : shared.Unbuildable(planned);
        var outcome = await BuildAsync(planned.Plan with { Steps = [.. missing, .. others], InvalidImages = tells ? planned.Plan.InvalidImages : [] }, ct);
        var failed = (await stage.MissingAsync(mine, ct)).Concat(shared.Unbuildable(planned)).Select(s => s.Target.Id);
        await stage.WriteAsync(new(share.Index, share.Count, [.. mine.Concat(shared.Unbuildable(planned)).Select(s => s.Target.Id)], [.. failed]), ct);
        return outcome;
    }

    private async Task<ReconcileOutcome> BuildAsync(BuildPlan plan, CancellationToken ct)
    {
        var outcomes = new ConcurrentBag<ImageOutcome>(plan.InvalidImages.Select(Invalid));
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.Limits.ParallelImages, CancellationToken = ct };
        await Parallel.ForEachAsync(plan.Steps.GroupBy(s => s.Target.Image.Name, StringComparer.Ordinal), parallel, async (steps, token) =>
            outcomes.Add(Tell(await BuildAsync([.. steps], token))));
        return new([.. outcomes.OrderBy(o => o.Image, StringComparer.Ordinal)], []);
    }

    private async Task<ImageOutcome> BuildAsync(ImmutableArray<PlanStep> steps, CancellationToken ct)
    {
        var image = steps[0].Target.Image;
        ImmutableArray<Diagnostic> said = [.. steps.SelectMany(s => (s.Target.Problem?.Diagnostics ?? []).Concat(s.Target.Warnings)).Distinct()];
        if (Unbuildable(steps) is { } result)
            return new(image.Name, result, steps, null, said);
        var scratch = Path.Combine(options.ScratchDirectory, image.Name);
        try
        {
            var stale = steps.Where(s => s.State == TargetState.Stale).ToImmutableArray();
            var built = await SourceGroups.BuildAsync(parts, stale, scratch, ct);
            said = [.. said, .. built.SelectMany(b => b.Diagnostics).Distinct()];
            if (built.Any(b => !b.IsOk))
                return new(image.Name, ImageResult.Failed, steps, null, said);
            await shelf.KeepAsync(image, [.. built.Select(b => b.Value!)], ct);
            return new(image.Name, ImageResult.Built, steps, new(image.Name, BuiltImages.Version, shelf.LocationOf(image.Name)), said);
        }
        catch (Exception e) when (Outside.IsToBlame(e, ct))
        {
            var diagnostic = Diagnostic.Create(ReconcilingRules.BuildInterrupted, image.Span, image.Name, Outside.Describe(e));
            return new(image.Name, ImageResult.Failed, steps, null, [.. said, diagnostic]);
        }
        finally
        {
            SourceGroups.ClearQuietly(scratch);
        }
    }

    /// <summary>Null where there is something to build.</summary>
    private static ImageResult? Unbuildable(ImmutableArray<PlanStep> steps) =>
        steps.Any(s => s.State == TargetState.Invalid) ? ImageResult.Invalid
        : steps.Any(s => s.State == TargetState.Unreachable) ? ImageResult.Unreachable
        : steps.All(s => s.State == TargetState.Suspended) ? ImageResult.Suspended
        : steps.Any(s => s.State == TargetState.Stale) ? null
        : ImageResult.Current;

    private ImageOutcome Invalid(string image) =>
        Tell(new(image, ImageResult.Invalid, [], null, [Diagnostic.Create(ReconcilingRules.ManifestInvalid, null, image)]));

    private ImageOutcome Tell(ImageOutcome outcome)
    {
        foreach (var diagnostic in outcome.Diagnostics)
            parts.Reporter.Diagnose(diagnostic);
        return outcome;
    }
}
