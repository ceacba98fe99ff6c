using System.Collections.Immutable;
using Pipeline.Engine.Planning;

namespace Pipeline.Engine.Publishing;

/// <summary>What a release was made from and what it holds: <c>inputs.json</c>, which the next plan compares.</summary>
/// <param name="Previous">The release before it; null for the first.</param>
/// <param name="Commit">The repository's commit when it was made; null outside of git.</param>
/// <param name="Labels">The manifest's labels, for catalogues.</param>
/// <param name="Targets">By id; all targets of the image, those built now and those carried over.</param>
public sealed record ReleaseRecord(
    string Image,
    string Version,
    string? Previous,
    string? Commit,
    ImmutableSortedDictionary<string, string> Labels,
    ImmutableSortedDictionary<string, PublishedTarget> Targets)
{
    /// <summary>Every file of every target, in order of name.</summary>
    public IEnumerable<ReleaseFile> Files =>
        Targets.Values.SelectMany(t => t.Files).OrderBy(f => f.Name, StringComparer.Ordinal);
}
