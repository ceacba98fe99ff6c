using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Drawing;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Planning;
using Pipeline.Engine.Publishing;
using Pipeline.Engine.Publishing.Reading;
using Pipeline.Engine.Reconciling;

namespace Pipeline.Web.Status;

/// <summary>
/// Gathers what the pages show from plans, rounds and releases. Readers get one moment of it as a whole; what cannot be
/// read of a release is left out and asked for again the next time. Thread-safe.
/// </summary>
/// <param name="title">Of the site.</param>
public sealed class StatusKeeper(IReleaseHost host, IReleaseReader reader, string title)
{
    private readonly ReleaseShelf _shelf = new(reader);
    private readonly Lock _lock = new();
    private Workspace? _workspace;
    private ImmutableArray<PlanStep> _steps = [];
    private ImmutableSortedDictionary<string, PublishedRelease> _published = ImmutableSortedDictionary<string, PublishedRelease>.Empty;
    private ImmutableDictionary<string, ImageOutcome> _outcomes = ImmutableDictionary<string, ImageOutcome>.Empty;
    private ImmutableHashSet<string> _failed = [];
    private ImmutableArray<string> _invalid = [];
    private ImmutableArray<Diagnostic> _mistakes = [];
    private ImmutableArray<BoardPicture> _boards = [];

    /// <summary>Where the directory of releases is served, with a slash at its end; null where stores know their addresses, or nobody said.</summary>
    public Uri? FilesAt { get; init; }

    /// <summary>The manifests were read, and this was said about them.</summary>
    public void Read(ImmutableArray<Diagnostic> mistakes)
    {
        lock (_lock)
            _mistakes = mistakes;
    }

    /// <summary>A plan was made; what is known of the last round stays.</summary>
    public void Plan(Workspace workspace, ReconcilePlan plan)
    {
        var boards = Draw(workspace);
        lock (_lock)
        {
            (_workspace, _steps, _invalid, _published, _boards) = (workspace, plan.Plan.Steps, plan.Plan.InvalidImages, plan.Published, boards);
            _failed = _failed.Intersect(_steps.Where(IsWaiting).Select(s => s.Target.Id));
        }
    }

    /// <summary>One image of a round came to its end; the others may still be under way.</summary>
    public void End(ImageOutcome outcome)
    {
        lock (_lock)
        {
            _outcomes = _outcomes.SetItem(outcome.Image, outcome);
            // What it holds is looked up when the round ends.
            if (outcome.Release is { } release)
                _published = _published.SetItem(outcome.Image, new(release, null, []));
            if (outcome.Result is ImageResult.Released or ImageResult.ReleasedElsewhere)
                _steps = [.. _steps.Select(s => s.Target.Image.Name == outcome.Image && s.State == TargetState.Stale ? MadeCurrent(s) : s)];
            if (outcome.Result is ImageResult.Failed or ImageResult.PartlyReleased)
                _failed = _failed.Union(_steps.Where(s => s.Target.Image.Name == outcome.Image && s.State == TargetState.Stale).Select(s => s.Target.Id));
        }
    }

    /// <summary>A round ended: what it released is looked up.</summary>
    public async Task EndAsync(ReconcileOutcome outcome, CancellationToken ct)
    {
        if (outcome.Images.IsEmpty)
            return;
        var published = await ObserveAsync([.. outcome.Images.Select(i => i.Image)], ct);
        lock (_lock)
        {
            _outcomes = outcome.Images.ToImmutableDictionary(i => i.Image, StringComparer.Ordinal);
            _published = published ?? _published;
            // What was released in part is current where the new release holds it.
            var byId = _published.Values.SelectMany(r => r.Record?.Targets.Values ?? []).ToDictionary(t => t.Id, StringComparer.Ordinal);
            _steps = [.. _steps.Select(s => IsWaiting(s) && Planner.Plan([s.Target], byId, force: false).Steps[0].State == TargetState.Current ? MadeCurrent(s) : s)];
            _failed = _failed.Intersect(_steps.Where(IsWaiting).Select(s => s.Target.Id));
        }
        await ReadReleasesAsync(ct);
    }

    /// <summary>The documents of what stands released now. Pages are rendered meanwhile.</summary>
    public Task ReadReleasesAsync(CancellationToken ct)
    {
        ImmutableSortedDictionary<string, PublishedRelease> published;
        lock (_lock)
            published = _published;
        return _shelf.FillAsync(published, ct);
    }

    /// <summary>What the last plan was made of, and what stands released since; null before the first plan.</summary>
    public (Workspace Workspace, ImmutableArray<PublishedRelease> Published)? Known
    {
        get
        {
            lock (_lock)
                return _workspace is null ? null : (_workspace, [.. _published.Values]);
        }
    }

    /// <param name="live">Null where the pages are written once.</param>
    public StatusModel Take(LiveStatus? live)
    {
        lock (_lock)
        {
            var steps = _steps.ToLookup(s => s.Target.Image.Name, StringComparer.Ordinal);
            var isBuilding = live?.Building ?? [];
            var descriptions = (_workspace?.Images ?? []).ToDictionary(i => i.Name, i => i.Description, StringComparer.Ordinal);
            var names = steps.Select(s => s.Key).Union(_invalid, StringComparer.Ordinal).Order(StringComparer.Ordinal);
            var images = names.Select(n => Show(n, descriptions.GetValueOrDefault(n, ""), steps[n], isBuilding.Contains(n)));
            return new(title, [.. images], _boards, live) { Mistakes = [.. _mistakes.Where(m => !names.Any(n => IsAbout(m, n))).Select(DiagnosticFormat.Human).Distinct(StringComparer.Ordinal)] };
        }
    }

    private ImageStatus Show(string name, string description, IEnumerable<PlanStep> steps, bool isBuilding)
    {
        var outcome = _outcomes.GetValueOrDefault(name);
        var published = _published.GetValueOrDefault(name);
        var mistakes = _mistakes.Where(m => IsAbout(m, name));
        var complaints = mistakes.Concat(outcome?.Diagnostics ?? []).Select(DiagnosticFormat.Human).Distinct(StringComparer.Ordinal);
        return new(
            name, description, [.. steps.Select(s => Show(s, isBuilding, outcome, published))],
            published is null ? null : _shelf.Show(name, At(published.Release)), [.. complaints]);
    }

    private TargetStatus Show(PlanStep step, bool isBuilding, ImageOutcome? outcome, PublishedRelease? published)
    {
        var state = step.State switch
        {
            TargetState.Stale when isBuilding => ShownState.Building,
            TargetState.Stale or TargetState.Held when _failed.Contains(step.Target.Id) => ShownState.Failed,
            TargetState.Stale => ShownState.Stale,
            TargetState.Held => ShownState.Held,
            TargetState.Suspended => ShownState.Suspended,
            TargetState.Unreachable => ShownState.Unreachable,
            TargetState.Invalid => ShownState.Invalid,
            _ => ShownState.Current,
        };
        var files = published?.Record?.Targets.GetValueOrDefault(step.Target.Id)?.Files ?? [];
        return new(step.Target.Board.Name, step.Target.Output.Word, state, [.. Because(step, state, outcome)], files);
    }

    private static bool IsAbout(Diagnostic mistake, string image) => mistake.Span?.File.StartsWith($"images/{image}/", StringComparison.Ordinal) is true;

    private static IEnumerable<string> Because(PlanStep step, ShownState state, ImageOutcome? outcome)
    {
        if (state == ShownState.Suspended)
            yield return "its manifest says suspend";
        var said = step.Target.Problem?.Diagnostics ?? (state == ShownState.Failed && step.Note is null ? outcome?.Diagnostics : null) ?? [];
        if (said.FirstOrDefault(d => d.Rule.Severity == Severity.Error) is { } error)
            yield return error.Message;
        if (step.Note is { } note)
            yield return note;
        foreach (var reason in step.Because)
            yield return reason.ToString();
    }

    private Release At(Release release) => FilesAt is { } address && Path.IsPathRooted(release.Location)
        ? release with { Location = new Uri(address, $"{release.Image}/{release.Version}/").AbsoluteUri }
        : release;

    /// <summary>Whether it would be built now or later.</summary>
    private static bool IsWaiting(PlanStep step) => step.State is TargetState.Stale or TargetState.Held;

    private static PlanStep MadeCurrent(PlanStep step) => step with { State = TargetState.Current, Because = [], Note = null };

    private async Task<ImmutableSortedDictionary<string, PublishedRelease>?> ObserveAsync(string[] images, CancellationToken ct)
    {
        try
        {
            return await host.ObserveAsync(images, ct);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            return null;
        }
    }

    private static ImmutableArray<BoardPicture> Draw(Workspace workspace)
    {
        var used = workspace.Images.SelectMany(i => i.Boards).Select(b => b.Value).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. from board in workspace.Boards.Values
               where used.Contains(board.Name)
               let map = BoardMap.Of(board).Value
               where map is not null
               select new BoardPicture(board.Name, board.Description, BoardSvg.Draw(map)),
        ];
    }
}
