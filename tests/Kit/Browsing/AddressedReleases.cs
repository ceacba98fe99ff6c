using System.Collections.Immutable;
using Pipeline.Engine.Publishing;
using Pipeline.Engine.Publishing.Directories;
using Pipeline.Engine.Publishing.Reading;

namespace Pipeline.Kit;

/// <summary>Releases in a directory that say they are somewhere on the web.</summary>
/// <param name="address">Before the name of the image.</param>
internal sealed class AddressedReleases(DirectoryReleases inner, string address) : IReleaseHost, IReleaseReader
{
    public async Task<ImmutableSortedDictionary<string, PublishedRelease>> ObserveAsync(IReadOnlyCollection<string> images, CancellationToken ct) =>
        (await inner.ObserveAsync(images, ct)).ToImmutableSortedDictionary(
            r => r.Key, r => r.Value with { Release = r.Value.Release with { Location = $"{address}{r.Key}-{r.Value.Version}" } }, StringComparer.Ordinal);

    public Task RecoverAsync(IReadOnlyCollection<string> images, CancellationToken ct) => inner.RecoverAsync(images, ct);

    public Task<IReleaseDraft> OpenAsync(string image, CancellationToken ct) => inner.OpenAsync(image, ct);

    public Task<ImmutableArray<string>> PruneAsync(string image, int keep, CancellationToken ct) => inner.PruneAsync(image, keep, ct);

    public Task<IReleaseFiles?> FindAsync(string image, string? version, CancellationToken ct) => inner.FindAsync(image, version, ct);

    public Task<ImmutableArray<ReleaseVersion>> ListAsync(string image, CancellationToken ct) => inner.ListAsync(image, ct);
}
