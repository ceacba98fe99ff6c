using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
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
    private const int ChangelogLimitBytes = 1 << 20;
    private readonly ConcurrentDictionary<(string Image, string Version), string> _changelogs = new();
    private readonly Lock _lock = new();
    private Workspace? _workspace;
    private ImmutableArray<PlanStep> _steps = [];
    private ImmutableSortedDictionary<string, PublishedRelease> _published = ImmutableSortedDictionary<string, PublishedRelease>.Empty;
    private ImmutableDictionary<string, ImageOutcome> _outcomes = ImmutableDictionary<string, ImageOutcome>.Empty;
    private ImmutableArray<BoardPicture> _boards = [];

    /// <summary>A plan was made; what is known of the last round stays.</summary>
    public void Plan(Workspace workspace, ReconcilePlan plan)
    {
        var boards = Draw(workspace);
        lock (_lock)
            (_workspace, _steps, _published, _boards) = (workspace, plan.Plan.Steps, plan.Published, boards);
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
            // What was released is current now; what failed stays as it was planned.
            _steps = [.. _steps.Select(s => _outcomes.GetValueOrDefault(s.Target.Image.Name)?.Result is ImageResult.Released or ImageResult.ReleasedElsewhere && s.State == TargetState.Stale ? s with { State = TargetState.Current, Because = [], Note = null } : s)];
        }
        await ReadChangelogsAsync(ct);
    }

    /// <summary>The changelogs of what stands released now.</summary>
    public async Task ReadChangelogsAsync(CancellationToken ct)
    {
        ImmutableSortedDictionary<string, PublishedRelease> published;
        lock (_lock)
            published = _published;
        foreach (var gone in _changelogs.Keys.Where(k => published.GetValueOrDefault(k.Image)?.Version != k.Version))
            _changelogs.TryRemove(gone, out _);
        foreach (var (image, release) in published.Where(p => !_changelogs.ContainsKey((p.Key, p.Value.Version))))
        {
            if (await ReadAsync(image, release.Version, ct) is { } changelog)
                _changelogs[(image, release.Version)] = changelog;
        }
    }

    public StatusModel Take(ImmutableArray<WorkStatus> works, string said, bool isLive)
    {
        lock (_lock)
        {
            var steps = _steps.ToLookup(s => s.Target.Image.Name, StringComparer.Ordinal);
            var invalid = (_workspace?.InvalidImages ?? []).Where(n => steps[n].Any() is false).Select(n => Show(n, "its manifest has mistakes", []));
            var images = (_workspace?.Images ?? []).Select(i => Show(i.Name, i.Description, steps[i.Name]));
            return new(title, [.. images.Concat(invalid).OrderBy(i => i.Name, StringComparer.Ordinal)], works, _boards, said, isLive);
        }
    }

    private ImageStatus Show(string name, string description, IEnumerable<PlanStep> steps)
    {
        var outcome = _outcomes.GetValueOrDefault(name);
        var published = _published.GetValueOrDefault(name);
        var release = published is null ? null : new ReleaseStatus(published.Version, published.Release.Location, _changelogs.GetValueOrDefault((name, published.Version)));
        var complaints = outcome?.Diagnostics.Select(DiagnosticFormat.Human).Distinct(StringComparer.Ordinal) ?? [];
        return new(name, description, outcome?.Result.ToString().ToLowerInvariant() ?? "", [.. steps.Select(s => Show(s, published))], release, [.. complaints]);
    }

    private static TargetStatus Show(PlanStep step, PublishedRelease? published) => new(
        step.Target.Board.Name, step.Target.Output.Word, step.State,
        [.. step.Note is { } note ? [note] : Array.Empty<string>(), .. step.State == TargetState.Suspended ? ["its manifest says suspend"] : step.Because.Select(b => b.ToString())],
        published?.Record?.Targets.GetValueOrDefault(step.Target.Id)?.Files ?? []);

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

    private async Task<string?> ReadAsync(string image, string version, CancellationToken ct)
    {
        try
        {
            return await reader.FindAsync(image, version, ct) is { } files && await files.ReadAsync(ReleaseDocuments.Changelog, ChangelogLimitBytes, ct) is { } text
                ? Encoding.UTF8.GetString(text)
                : null;
        }
        catch (Exception e) when (e is IOException or HttpRequestException or InvalidDataException)
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
