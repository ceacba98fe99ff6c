using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Building;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Planning;
using Pipeline.Engine.Publishing;
using Pipeline.Engine.Resolving;

namespace Pipeline.Engine.Reconciling;

/// <summary>
/// Brings one image up to date: all its stale targets into one release, or nothing. Failures of the outside become
/// diagnostics here and nowhere deeper.
/// </summary>
internal sealed class ImageStep(ReconcilerParts parts, string scratchDirectory, FailureMemory? failures)
{
    /// <param name="steps">All planned targets of one image; never empty.</param>
    /// <param name="seen">The newest release when the plan was made.</param>
    public async Task<ImageOutcome> RunAsync(
        ImmutableArray<PlanStep> steps, PublishedRelease? seen, int? keep, CancellationToken ct)
    {
        using var span = Tracing.Source.StartActivity("image")?.SetTag("pipeline.image", steps[0].Target.Image.Name);
        var outcome = await StepAsync(steps, seen, keep, ct);
        return span.Ended(outcome, outcome.Result.ToString(), isError: outcome.Result is ImageResult.Failed or ImageResult.Invalid or ImageResult.Unreachable);
    }

    private async Task<ImageOutcome> StepAsync(
        ImmutableArray<PlanStep> steps, PublishedRelease? seen, int? keep, CancellationToken ct)
    {
        var image = steps[0].Target.Image.Name;
        var found = seen?.Diagnostics ?? [];
        var problems = steps.SelectMany(s => s.Target.Problem?.Diagnostics ?? []).Distinct().ToImmutableArray();
        if (steps.Any(s => s.State == TargetState.Invalid))
            return new(image, ImageResult.Invalid, steps, null, [.. found, .. problems]);
        if (steps.Any(s => s.State == TargetState.Unreachable))
            return new(image, ImageResult.Unreachable, steps, null, [.. found, .. problems]);
        if (steps.All(s => s.State == TargetState.Suspended))
            return new(image, ImageResult.Suspended, steps, null, []);
        var stale = steps.Where(s => s.State == TargetState.Stale).ToImmutableArray();
        var isHeld = steps.Any(s => s.State == TargetState.Held);
        if (isHeld && (stale.IsEmpty || steps[0].Target.Image.Publish == PublishPolicy.AllOrNothing))
            return new(image, ImageResult.Held, steps, null, found);
        var outcome = stale.IsEmpty
            ? new(image, ImageResult.Current, steps, null, [])
            : await BuildAndPublishAsync(stale, seen, ct);
        // Also where nothing was released: an earlier run may have died before it came to this, or the number is new.
        if (outcome.Result is ImageResult.Released or ImageResult.PartlyReleased or ImageResult.Current && keep is { } count)
            outcome = await PruneAsync(outcome, count, ct);
        var warnings = stale.SelectMany(s => s.Target.Warnings).Distinct();
        return outcome with { Steps = steps, Diagnostics = [.. found, .. warnings, .. outcome.Diagnostics] };
    }

    private async Task<ImageOutcome> BuildAndPublishAsync(ImmutableArray<PlanStep> stale, PublishedRelease? seen, CancellationToken ct)
    {
        var image = stale[0].Target.Image;
        var output = Path.Combine(scratchDirectory, image.Name);
        var (rule, open) = (ReconcilingRules.BuildInterrupted, stale);
        try
        {
            // Before the long work: a release that cannot be signed is not worth building.
            if (await parts.Publisher.CheckAsync(ct) is { IsEmpty: false } unready)
                return new(image.Name, ImageResult.Failed, stale, null, unready);
            var built = await SourceGroups.BuildAsync(parts, stale, output, ct);
            var failure = Failure(image.Name, stale, built);
            Remember(stale, built);
            var good = stale.Zip(built).Where(p => p.Second.IsOk).ToImmutableArray();
            (rule, open) = (ReconcilingRules.PublishInterrupted, [.. good.Select(g => g.First)]);
            if (failure is not null && (image.Publish == PublishPolicy.AllOrNothing || good.IsEmpty))
                return Forgetting(open, failure);
            var published = await parts.Publisher.PublishAsync(new(image, open, [.. good.Select(g => g.Second.Value!)], seen), ct);
            ImmutableArray<Diagnostic> said = [.. built.SelectMany(r => r.Diagnostics).Distinct(), .. published.Diagnostics];
            if (failure is not null)
                said = said.Add(Diagnostic.Create(ReconcilingRules.PartlyReleased, image.Span, image.Name, stale.Length - good.Length, stale.Length, NamesOf(stale, built)));
            if (published is { IsOk: true, Value: { } publication })
                return Forgetting(open, new(image.Name, ResultOf(publication, failure), stale, publication.Release, said));
            Remember(open, published.Diagnostics);
            return new(image.Name, ImageResult.Failed, stale, null, said);
        }
        catch (Exception e) when (Outside.IsToBlame(e, ct))
        {
            var interrupted = Diagnostic.Create(rule, image.Span, image.Name, Outside.Describe(e));
            Remember(open, [interrupted]);
            return new(image.Name, ImageResult.Failed, stale, null, [interrupted]);
        }
        finally
        {
            SourceGroups.ClearQuietly(output);
        }
    }

    /// <summary>A release holds all targets of its image: one that failed keeps all back.</summary>
    private static ImageOutcome? Failure(string image, ImmutableArray<PlanStep> stale, ImmutableArray<Result<Artifact>> built)
    {
        var failed = stale.Zip(built).Where(p => !p.Second.IsOk).Select(p => p.First.Target).ToList();
        if (failed.Count == 0)
            return null;
        var summary = Diagnostic.Create(
            ReconcilingRules.NothingReleased, failed[0].Image.Span, image, failed.Count, stale.Length, NamesOf(stale, built));
        return new(image, ImageResult.Failed, stale, null, [.. built.SelectMany(r => r.Diagnostics).Distinct(), summary]);
    }

    private static ImageResult ResultOf(Publication publication, ImageOutcome? failure) =>
        failure is not null ? ImageResult.PartlyReleased : publication.IsNew ? ImageResult.Released : ImageResult.ReleasedElsewhere;

    private static string NamesOf(ImmutableArray<PlanStep> stale, ImmutableArray<Result<Artifact>> built) =>
        string.Join(", ", stale.Zip(built).Where(p => !p.Second.IsOk).Select(p => p.First.Target.Board.Name));

    private void Remember(ImmutableArray<PlanStep> stale, ImmutableArray<Result<Artifact>> built)
    {
        foreach (var (step, result) in stale.Zip(built).Where(p => !p.Second.IsOk))
        {
            var reason = result.Diagnostics.First(d => d.Rule.Severity == Severity.Error);
            failures?.Add(step.Target, reason.Message, ImageOutcome.IsOfTheOutside(reason));
        }
    }

    /// <summary>
    /// What could not be built to its end or released: not for a reason of its own, so the same inputs are tried again sooner. Whoever was
    /// overtaken only needs a new plan.
    /// </summary>
    private void Remember(ImmutableArray<PlanStep> open, ImmutableArray<Diagnostic> why)
    {
        var reason = why.First(d => d.Rule.Severity == Severity.Error);
        foreach (var step in reason.Rule == PublishingRules.Overtaken ? [] : open)
            failures?.Add(step.Target, reason.Message, isOutside: true);
    }

    private ImageOutcome Forgetting(ImmutableArray<PlanStep> good, ImageOutcome outcome)
    {
        foreach (var step in good)
            failures?.Remove(step.Target);
        return outcome;
    }

    private async Task<ImageOutcome> PruneAsync(ImageOutcome outcome, int keep, CancellationToken ct)
    {
        try
        {
            await parts.Host.PruneAsync(outcome.Image, keep, ct);
            return outcome;
        }
        catch (Exception e) when (Outside.IsToBlame(e, ct))
        {
            var diagnostic = Diagnostic.Create(PublishingRules.NotPruned, null, outcome.Image, Outside.Describe(e));
            return outcome with { Diagnostics = outcome.Diagnostics.Add(diagnostic) };
        }
    }
}
