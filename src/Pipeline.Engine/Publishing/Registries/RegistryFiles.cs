using System.Collections.Immutable;
using Pipeline.Engine.Publishing.Reading;
using Pipeline.Oci.Registry;

namespace Pipeline.Engine.Publishing.Registries;

/// <summary>The files of a release that is an artifact.</summary>
internal sealed class RegistryFiles(ArtifactRepository repository, string location, ReleaseManifest manifest) : IReleaseFiles
{
    public string Location => location;

    public ImmutableSortedDictionary<string, long> Sizes { get; } =
        manifest.Files.DistinctBy(f => f.Name, StringComparer.Ordinal).ToImmutableSortedDictionary(f => f.Name, f => f.Size.Bytes, StringComparer.Ordinal);

    public Task<Stream> OpenAsync(string name, CancellationToken ct) => manifest[name] is { } file
        ? repository.OpenBlobAsync(file.Sha256, file.Size.Bytes, ct)
        : throw new FileNotFoundException($"there is no {name}", name);
}
