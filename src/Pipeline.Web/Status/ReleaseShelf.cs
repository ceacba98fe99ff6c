using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text;
using Pipeline.Engine.Publishing;
using Pipeline.Engine.Publishing.Reading;

namespace Pipeline.Web.Status;

/// <summary>The changelogs and the names of documents of what stands released. Each release is read once; thread-safe.</summary>
internal sealed class ReleaseShelf(IReleaseReader reader)
{
    private const int ChangelogLimitBytes = 1 << 20;
    private readonly ConcurrentDictionary<(string Image, string Version), ReleaseText> _texts = new();

    /// <summary>Reads what is new and forgets what is gone; what cannot be read is asked for again the next time.</summary>
    public async Task FillAsync(ImmutableSortedDictionary<string, PublishedRelease> published, CancellationToken ct)
    {
        foreach (var gone in _texts.Keys.Where(k => published.GetValueOrDefault(k.Image)?.Version != k.Version))
            _texts.TryRemove(gone, out _);
        foreach (var (image, release) in published.Where(p => !_texts.ContainsKey((p.Key, p.Value.Version))))
        {
            if (await ReadAsync(image, release.Version, ct) is { } text)
                _texts[(image, release.Version)] = text;
        }
    }

    public ReleaseStatus Show(string image, Release release)
    {
        var text = _texts.GetValueOrDefault((image, release.Version));
        return new(release.Version, release.Location, text?.Changelog, text?.Documents ?? []);
    }

    private async Task<ReleaseText?> ReadAsync(string image, string version, CancellationToken ct)
    {
        try
        {
            if (await reader.FindAsync(image, version, ct) is not { } files)
                return null;
            var changelog = await files.ReadAsync(ReleaseDocuments.Changelog, ChangelogLimitBytes, ct);
            var documents = files.Sizes.Where(f => ReleaseDocuments.Contains(f.Key)).Select(f => new ReleaseDocument(f.Key, new(f.Value)));
            return new(changelog is null ? null : Encoding.UTF8.GetString(changelog), [.. documents]);
        }
        catch (Exception e) when (e is IOException or HttpRequestException or InvalidDataException)
        {
            return null;
        }
    }

    private sealed record ReleaseText(string? Changelog, ImmutableArray<ReleaseDocument> Documents);
}
