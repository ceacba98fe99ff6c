using System.Collections.Concurrent;
using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Reporting;
using Pipeline.Engine.Building;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Planning;
using Pipeline.Engine.Publishing;
using Pipeline.Engine.Resolving;

namespace Pipeline.Engine.Reconciling;

/// <summary>The rooms that the reconciler walks through, and the one who is told.</summary>
public sealed record ReconcilerParts(
    Resolver Resolver, IImageBuilder Builder, IReleaseHost Host, Publisher Publisher, IReporter Reporter);

public sealed record ReconcileOptions
{
    /// <summary>
    /// Absolute; made when needed. This process's own: no other may use it at the same time. On the store's file system,
    /// so that finished files are linked into a release and not copied.
    /// </summary>
    public required string ScratchDirectory { get; init; }

    public TargetSelection Selection { get; init; } = TargetSelection.All;

    public bool Force { get; init; }

    public BuildLimits Limits { get; init; } = BuildLimits.OfThisMachine();

    /// <summary>Keeps what failed; null remembers nothing.</summary>
    public FailureMemory? Failures { get; init; }

    /// <summary>What failed waits before it is tried again; off, it is only told.</summary>
    public bool BacksOff { get; init; }

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Called in each round between looking and building.</summary>
    public Action<Workspace, ReconcilePlan> Planned { get; init; } = (_, _) => { };

    /// <summary>Called with its name before the work on each planned image, in the flow of control that does it.</summary>
    public Action<string> ImageBegun { get; init; } = _ => { };

    /// <summary>Called after the work on each image, before the round ends.</summary>
    public Action<ImageOutcome> ImageEnded { get; init; } = _ => { };
}

/// <summary>
/// Look, decide, build what is stale, publish, tell. Safe to repeat: what is current is left alone, what was interrupted
/// is done again. One image that fails never stops the others.
/// </summary>
public sealed class Reconciler(ReconcilerParts parts, ReconcileOptions options)
{
    private readonly ImageStep _step = new(parts, options.ScratchDirectory, options.Failures);

    /// <summary>Looks and decides, and changes nothing.</summary>
    public async Task<ReconcilePlan> PlanAsync(Workspace workspace, CancellationToken ct)
    {
        var targets = await parts.Resolver.ResolveAsync(workspace, options.Selection, ct);
        var images = targets.Select(t => t.Image.Name).Distinct(StringComparer.Ordinal).ToList();
        var published = await parts.Host.ObserveAsync(images, ct);
        var byId = published.Values.SelectMany(r => r.Record?.Targets.Values ?? []).ToDictionary(t => t.Id, StringComparer.Ordinal);
        var plan = Planner.Plan(targets, byId, options.Force) with { InvalidImages = InvalidImages(workspace, images) };
        var waiting = new HoldReasons(options.Clock.GetUtcNow(), options.Failures, options.BacksOff);
        return new(PlanHold.Annotate(PlanHold.Apply(plan, waiting.Of), waiting.FailureOf), published);
    }

    /// <summary>One round over all selected images.</summary>
    public async Task<ReconcileOutcome> RunOnceAsync(Workspace workspace, CancellationToken ct)
    {
        using var span = Tracing.Source.StartActivity("round");
        var outcome = await RoundAsync(workspace, ct);
        return span.Ended(outcome, outcome.Summary, isError: outcome.Status != ReconcileStatus.Done);
    }

    private async Task<ReconcileOutcome> RoundAsync(Workspace workspace, CancellationToken ct)
    {
        ReconcilePlan plan;
        try
        {
            var images = workspace.Images.Select(i => i.Name).Where(options.Selection.IncludesImage).ToList();
            await parts.Host.RecoverAsync(images, ct);
            plan = await PlanAsync(workspace, ct);
            options.Planned(workspace, plan);
        }
        catch (Exception e) when (Outside.IsToBlame(e, ct))
        {
            var diagnostic = Diagnostic.Create(ReconcilingRules.StoreUnreachable, null, Outside.Describe(e));
            parts.Reporter.Diagnose(diagnostic);
            return new([], [diagnostic]);
        }
        var outcomes = new ConcurrentBag<ImageOutcome>(plan.Plan.InvalidImages.Select(Invalid));
        var work = plan.Plan.Steps.GroupBy(s => s.Target.Image.Name, StringComparer.Ordinal);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.Limits.ParallelImages, CancellationToken = ct };
        await Parallel.ForEachAsync(work, parallel, async (steps, token) =>
        {
            options.ImageBegun(steps.Key);
            var seen = plan.Published.GetValueOrDefault(steps.Key);
            var outcome = Tell(await _step.RunAsync([.. steps], seen, workspace.Config.KeepReleases, token));
            options.ImageEnded(outcome);
            outcomes.Add(outcome);
        });
        return new([.. outcomes.OrderBy(o => o.Image, StringComparer.Ordinal)], []);
    }

    /// <summary>
    /// Rounds for ever, an interval apart from the end of one to the start of the next, or sooner when woken. Ends without an
    /// exception when it is cancelled between rounds; a cancelled round throws.
    /// </summary>
    /// <param name="read">Reads the manifests anew for each round; where they cannot be read at all the round is left out. A workspace with
    /// invalid images is still a workspace.</param>
    /// <param name="told">Called after each round.</param>
    public async Task WatchAsync(
        Func<CancellationToken, Task<Result<Workspace>>> read, WatchSettings watch, Func<ReconcileOutcome, Task> told, CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            if (await ReadAsync(read, ct) is { } workspace)
                await told(await RunOnceAsync(workspace, ct));
            await watch.PauseAsync(ct);
        }
    }

    /// <summary>Manifests that change hands while they are read must not end a watch that runs for months.</summary>
    private async Task<Workspace?> ReadAsync(Func<CancellationToken, Task<Result<Workspace>>> read, CancellationToken ct)
    {
        try
        {
            var workspace = await read(ct);
            foreach (var diagnostic in workspace.Diagnostics)
                parts.Reporter.Diagnose(diagnostic);
            return workspace.Value;
        }
        catch (Exception e) when (Outside.IsToBlame(e, ct))
        {
            parts.Reporter.Diagnose(Diagnostic.Create(ReconcilingRules.RepositoryUnreadable, null, Outside.Describe(e)));
            return null;
        }
    }

    /// <summary>Those with mistakes of their own, and those of whose boards none can be used: neither has targets.</summary>
    private ImmutableArray<string> InvalidImages(Workspace workspace, IReadOnlyCollection<string> planned) =>
    [
        .. workspace.InvalidImages
            .Concat(workspace.Images.Where(i => !i.IsSuspended && i.Boards.Any(b => !workspace.HasBoard(b.Value))).Select(i => i.Name))
            .Where(name => options.Selection.IncludesImage(name) && !planned.Contains(name))
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal),
    ];

    private ImageOutcome Invalid(string image) =>
        Tell(new(image, ImageResult.Invalid, [], null, [Diagnostic.Create(ReconcilingRules.ManifestInvalid, null, image)]));

    private ImageOutcome Tell(ImageOutcome outcome)
    {
        foreach (var diagnostic in outcome.Diagnostics)
            parts.Reporter.Diagnose(diagnostic);
        if (outcome.Release is { } release)
            parts.Reporter.Announce($"released {release.Image} {release.Version}");
        return outcome;
    }
}

/// <param name="Published">The newest releases that the plan was compared with, by image.</param>
public sealed record ReconcilePlan(BuildPlan Plan, ImmutableSortedDictionary<string, PublishedRelease> Published);
