using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Streams;
using Pipeline.Core.Units;
using Pipeline.Oci.Documents;
using Pipeline.Oci.Platforms;

namespace Pipeline.Oci.Sources;

/// <summary>A place where an image can live: a registry, an OCI layout, an archive, a plain root file system.</summary>
public interface IImageSource : IAsyncDisposable
{
    /// <summary>The logical name, for people and for the input record: never a mirror, never with credentials.</summary>
    string Name { get; }

    /// <summary>What the reference names now, by the cheapest look there is (a HEAD request, or index.json).</summary>
    /// <exception cref="HttpRequestException">The registry cannot be reached; the last state still holds.</exception>
    Task<Result<Digest>> LookAsync(CancellationToken ct);

    /// <summary>
    /// Follows the index to the manifest and configuration of one platform. "Not offered" is a diagnostic that lists
    /// what is. The documents are verified against their digests and cached by them.
    /// </summary>
    Task<Result<PlatformImage>> SelectAsync(Platform platform, CancellationToken ct);

    /// <summary>The raw bytes of a blob, not yet hashed: the reader must hash them (VerifyingStream). The caller disposes it.</summary>
    Task<Stream> OpenUnverifiedAsync(Descriptor blob, CancellationToken ct);

    /// <summary>Where a blob already lies in a local file, so that it need not be copied; null where it does not.</summary>
    LocalBlob? FindLocal(Descriptor blob);

    /// <summary>
    /// Says that the bytes of a blob did not hash to its digest. A cached copy is removed, so that the next opening
    /// fetches it; for files of the user nothing happens.
    /// </summary>
    void Reject(Descriptor blob)
    {
    }
}

/// <summary>A blob as a run of a local file, not yet hashed.</summary>
public sealed record LocalBlob(string Path, long OffsetBytes, long LengthBytes)
{
    /// <summary>Of the cache: nobody ever writes into the file, and its time tells its last use, by anybody. Files of the user may change at any moment.</summary>
    public bool IsSettled { get; init; }

    /// <summary>Its bytes, forwards. The caller disposes the stream.</summary>
    public Stream OpenUnverified() => new FileRangeStream(Path, OffsetBytes, LengthBytes);
}

/// <summary>One platform's image, ready to be unpacked.</summary>
/// <param name="LookDigest">What <see cref="IImageSource.LookAsync"/> gives: the digest of the index, or of the manifest where there is no index.</param>
/// <param name="DiffIds">Digests of the uncompressed layers, as the configuration lists them; as many as layers.</param>
/// <param name="Created">The configuration's creation time, null where it has none.</param>
public sealed record PlatformImage(
    Platform Platform,
    Digest LookDigest,
    Digest ManifestDigest,
    Digest ConfigDigest,
    ImmutableArray<Descriptor> Layers,
    ImmutableArray<Digest> DiffIds,
    ImmutableSortedDictionary<string, string> Labels,
    DateTimeOffset? Created)
{
    /// <summary>What the configuration says to run.</summary>
    public ImageProcess Process { get; init; } = ImageProcess.None;

    /// <summary>Null where the source has no documents whose digests are those here: a plain tar, docker's archives, podman's store.</summary>
    public ImageOriginals? Originals { get; init; }

    /// <summary>Of the manifest.</summary>
    public ImmutableSortedDictionary<string, string> Annotations { get; init; } = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);
}

/// <summary>The documents of an image as they are, for copies of it.</summary>
public sealed record ImageOriginals(Descriptor Manifest, ReadOnlyMemory<byte> ManifestJson, Descriptor Config, ReadOnlyMemory<byte> ConfigJson);
