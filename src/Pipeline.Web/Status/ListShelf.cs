using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Reporting;
using Pipeline.Engine.Listing;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Publishing;
using Pipeline.Web.Pages;

namespace Pipeline.Web.Status;

/// <summary>
/// The lists for other programs, as <c>pipeline site</c> writes them, of what stands released. Made anew when something was released, and
/// once an hour for what was withdrawn by hand. Readers get the last ones that could be made; thread-safe.
/// </summary>
/// <param name="told">Hears what is missing in the lists and why, once.</param>
public sealed class ListShelf(CatalogueReader reader, IReporter told, TimeProvider clock)
{
    private static readonly TimeSpan LongestAge = TimeSpan.FromHours(1);
    private volatile Made? _made;

    private sealed record Made(ImmutableHashSet<(string Image, string Version)> Released, DateTimeOffset At, ReleaseLists Lists, ImmutableHashSet<string> Said);

    /// <summary>One of the lists; null where there is none of that name, or none was made yet.</summary>
    public PageFile? Find(string path) => _made?.Lists.Files.TryGetValue(path, out var content) == true ? new(path, content) : null;

    /// <summary>What cannot be read now is asked for again the next time. One caller at a time.</summary>
    public async Task FillAsync(Workspace workspace, IEnumerable<PublishedRelease> published, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var released = published.Select(p => (p.Release.Image, p.Version)).ToImmutableHashSet();
        if (_made is { } made && made.Released.SetEquals(released) && now - made.At < LongestAge)
            return;
        try
        {
            var catalogue = await reader.ReadAsync(workspace, ct);
            var lists = ReleaseLists.Of(catalogue.Value!, workspace.Boards);
            var missing = catalogue.Diagnostics.Concat(lists.Diagnostics).DistinctBy(DiagnosticFormat.Human, StringComparer.Ordinal).ToList();
            foreach (var diagnostic in missing.Where(d => _made?.Said.Contains(DiagnosticFormat.Human(d)) != true))
                told.Diagnose(diagnostic);
            _made = new(released, now, lists, [.. missing.Select(DiagnosticFormat.Human)]);
        }
        catch (Exception e) when (e is IOException or HttpRequestException or InvalidDataException)
        {
            told.Announce($"the lists for other programs could not be made ({e.Message.ReplaceLineEndings(" ").TrimEnd('.')}); the last ones stay");
        }
    }
}
