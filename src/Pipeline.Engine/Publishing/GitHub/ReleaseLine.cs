using System.Collections.Immutable;
using Pipeline.Engine.Publishing.GitHub.Api;

namespace Pipeline.Engine.Publishing.GitHub;

/// <summary>A release or draft whose tag is one of ours.</summary>
internal sealed record LineEntry(ReleaseTag Tag, GitHubRelease Release)
{
    /// <summary>Null for what people made by hand.</summary>
    public ReleaseMarker? Marker { get; } = ReleaseMarker.Find(Release.Body);
}

/// <summary>All releases of one image as a listing told.</summary>
/// <param name="Published">Newest first.</param>
/// <param name="Drafts">Those that we made, oldest first by number.</param>
internal sealed record ReleaseLine(ImmutableArray<LineEntry> Published, ImmutableArray<LineEntry> Drafts)
{
    public static ReleaseLine Empty { get; } = new([], []);

    public LineEntry? Newest => Published.IsEmpty ? null : Published[0];

    public static ImmutableDictionary<string, ReleaseLine> Group(IEnumerable<GitHubRelease> releases)
    {
        var entries = from release in releases
                      let tag = ReleaseTag.TryParse(release.TagName)
                      where tag is not null
                      select new LineEntry(tag, release);
        return entries.GroupBy(e => e.Tag.Image, StringComparer.Ordinal).ToImmutableDictionary(g => g.Key, Of, StringComparer.Ordinal);
    }

    private static ReleaseLine Of(IEnumerable<LineEntry> entries) => new(
        [.. entries.Where(e => !e.Release.Draft).OrderByDescending(e => e.Tag.Version)],
        [.. entries.Where(e => e.Release.Draft && e.Marker is not null).OrderBy(e => e.Release.Id)]);

    public ReleaseLine With(LineEntry published) => this with
    {
        Published = [.. Published.Add(published).OrderByDescending(e => e.Tag.Version)],
        Drafts = Drafts.RemoveAll(d => d.Release.Id == published.Release.Id),
    };

    public ReleaseLine Without(LineEntry gone) => new(
        Published.RemoveAll(e => e.Release.Id == gone.Release.Id), Drafts.RemoveAll(e => e.Release.Id == gone.Release.Id));

    /// <summary>Drafts that can never be published any more: as new as this version or older.</summary>
    public IEnumerable<LineEntry> Obsolete(ReleaseVersion version) => Drafts.Where(d => d.Tag.Version <= version);
}
