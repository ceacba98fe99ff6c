using System.Collections.Concurrent;
using System.Collections.Immutable;
using Pipeline.Engine.Publishing.GitHub.Api;
using Pipeline.Engine.Publishing.Reading;

namespace Pipeline.Engine.Publishing.GitHub;

/// <summary>
/// The release store that is a repository's releases on GitHub or GitHub Enterprise Server: one release with the tag
/// <c>IMAGE-VERSION</c> for each release of an image. Releases with other tags are not ours and never touched. How it stays
/// whole when runs die or meet is in README.md.
/// </summary>
public sealed class GitHubReleases(GitHubSettings settings) : IReleaseHost, IReleaseReader, IDisposable
{
    /// <summary>Nobody uploads for as long: a draft that was not touched since then belongs to a run that died.</summary>
    private static readonly TimeSpan Abandoned = TimeSpan.FromHours(24);

    private readonly SemaphoreSlim _gate = new(1);
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _locks = new(StringComparer.Ordinal);
    private readonly RecordReader _records = new(Path.Combine(settings.CacheDirectory, "records"));
    private ImmutableDictionary<string, ReleaseLine> _lines = ImmutableDictionary<string, ReleaseLine>.Empty;
    private GitHubTransport? _transport;
    private GitHubApi? _api;
    private bool _isListed;
    private bool _isFresh;

    /// <summary>Called before each step that changes the store, with its name; tests interrupt there.</summary>
    internal Action<string> Checkpoint { get; init; } = _ => { };

    public async Task<ImmutableSortedDictionary<string, PublishedRelease>> ObserveAsync(IReadOnlyCollection<string> images, CancellationToken ct)
    {
        var api = await ConnectAsync(ct);
        // A round lists once: what its beginning recovered from is what its plan looks at.
        if (!_isFresh)
            await RefreshAsync(ct);
        _isFresh = false;
        var found = ImmutableSortedDictionary.CreateBuilder<string, PublishedRelease>(StringComparer.Ordinal);
        foreach (var image in images)
        {
            if (Line(image).Newest is { } newest)
                found[image] = await _records.ReadAsync(api, newest, ct);
        }
        return found.ToImmutable();
    }

    public async Task<IReleaseFiles?> FindAsync(string image, string? version, CancellationToken ct)
    {
        var api = await ConnectAsync(ct);
        await RefreshAsync(ct);
        var entry = Line(image).Published.FirstOrDefault(e => version is null || e.Tag.Version.ToString() == version);
        return entry is null ? null : new GitHubFiles(api, entry);
    }

    public async Task<ImmutableArray<ReleaseVersion>> ListAsync(string image, CancellationToken ct)
    {
        await ConnectAsync(ct);
        await RefreshAsync(ct);
        return [.. Line(image).Published.Select(e => e.Tag.Version)];
    }

    public async Task RecoverAsync(IReadOnlyCollection<string> images, CancellationToken ct)
    {
        var api = await ConnectAsync(ct);
        await RefreshAsync(ct);
        _isFresh = true;
        if (api.Place.Token is null)
            return;
        foreach (var line in images.Select(Line))
        {
            foreach (var draft in line.Drafts.Where(d => IsDead(d, line)))
                await DiscardQuietlyAsync(draft, ct);
        }
    }

    public async Task<IReleaseDraft> OpenAsync(string image, CancellationToken ct)
    {
        ReleaseTag.Check(image);
        var api = await ConnectAsync(ct);
        if (api.Place.Token is null)
            throw ReleaseRefusedException.Because(GitHubRules.NoToken, api.Place.Api.Host);
        var held = _locks.GetOrAdd(image, _ => new SemaphoreSlim(1));
        await held.WaitAsync(ct);
        try
        {
            var tags = await VersionsAsync(image, ct);
            if (!_isListed || (tags.Count > 0 && tags.Max > (Line(image).Newest?.Tag.Version ?? default)))
                await RefreshAsync(ct);
            var line = Line(image);
            var previous = line.Newest is { } newest ? await _records.ReadAsync(api, newest, ct) : null;
            var taken = tags.Union(line.Published.Select(p => p.Tag.Version));
            return new GitHubDraft(this, settings, new(image, NextVersion(line, taken)), held) { Previous = previous, PreviousEntry = line.Newest, TakenVersions = taken };
        }
        catch
        {
            held.Release();
            throw;
        }
    }

    public async Task<ImmutableArray<string>> PruneAsync(string image, int keep, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(keep, 1);
        var api = await ConnectAsync(ct);
        if (!_isListed)
            await RefreshAsync(ct);
        var doomed = Line(image).Published.Skip(keep).ToList();
        foreach (var entry in doomed)
        {
            // First the release with all its files at once; a tag alone is no release.
            Checkpoint("delete release");
            await api.DeleteReleaseAsync(entry.Release.Id, ct);
            Checkpoint("delete tag");
            await api.DeleteTagAsync(entry.Tag.ToString(), ct);
            Update(image, line => line.Without(entry));
        }
        return [.. doomed.Select(e => e.Tag.Version.ToString())];
    }

    public void Dispose()
    {
        _transport?.Dispose();
        _gate.Dispose();
        foreach (var held in _locks.Values)
            held.Dispose();
    }

    internal RecordReader Records => _records;

    internal ReleaseLine Line(string image) => _lines.GetValueOrDefault(image, ReleaseLine.Empty);

    internal void Update(string image, Func<ReleaseLine, ReleaseLine> change) =>
        ImmutableInterlocked.AddOrUpdate(ref _lines, image, _ => change(ReleaseLine.Empty), (_, line) => change(line));

    internal async Task RefreshAsync(CancellationToken ct)
    {
        var api = await ConnectAsync(ct);
        _lines = ReleaseLine.Group(await api.ListReleasesAsync(ct));
        _isListed = true;
    }

    /// <summary>The versions that have a tag, published or not: one request, whatever else the repository holds.</summary>
    internal async Task<ImmutableSortedSet<ReleaseVersion>> VersionsAsync(string image, CancellationToken ct)
    {
        var api = await ConnectAsync(ct);
        var tags = await api.TagsAsync(ReleaseTag.Prefix(image), ct);
        return [.. tags.Select(ReleaseTag.TryParse).Where(t => t?.Image == image).Select(t => t!.Version)];
    }

    /// <summary>A draft is invisible to readers: one that stays does no harm, and the next run tries again.</summary>
    internal async Task DiscardQuietlyAsync(LineEntry draft, CancellationToken ct)
    {
        try
        {
            var api = await ConnectAsync(ct);
            Checkpoint("discard draft");
            await api.DeleteReleaseAsync(draft.Release.Id, ct);
            Update(draft.Tag.Image, line => line.Without(draft));
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
        }
    }

    internal async Task<GitHubApi> ConnectAsync(CancellationToken ct)
    {
        if (_api is not null)
            return _api;
        await _gate.WaitAsync(ct);
        try
        {
            if (_api is not null)
                return _api;
            var place = await settings.FindPlace(ct);
            _transport = new GitHubTransport(place, settings);
            return _api = new GitHubApi(_transport, new PageCache(Path.Combine(settings.CacheDirectory, "pages")), settings.Reporter);
        }
        finally
        {
            _gate.Release();
        }
    }

    private bool IsDead(LineEntry draft, ReleaseLine line) =>
        (line.Newest is { } newest && draft.Tag.Version <= newest.Tag.Version)
        || (draft.Release.UpdatedAt is { } touched && touched + Abandoned < settings.Time.GetUtcNow());

    /// <summary>
    /// Whoever works on this image must want the same tag, so that GitHub lets only one have it: the oldest draft that is
    /// newer than all releases decides, and without one the day.
    /// </summary>
    private ReleaseVersion NextVersion(ReleaseLine line, ImmutableSortedSet<ReleaseVersion> taken)
    {
        var begun = line.Drafts.FirstOrDefault(d => taken.Count == 0 || d.Tag.Version > taken.Max);
        var today = DateOnly.FromDateTime(settings.Time.GetUtcNow().UtcDateTime);
        return begun?.Tag.Version ?? ReleaseVersion.Next(today, taken);
    }
}
