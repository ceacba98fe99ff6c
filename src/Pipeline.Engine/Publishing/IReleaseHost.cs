using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Planning;

namespace Pipeline.Engine.Publishing;

/// <summary>
/// Where releases live: a directory, a release page, a registry. One image has a line of releases; each is published at
/// once and never changes afterwards. Order of work: <see cref="ObserveAsync"/> to plan, then for each image that was
/// built <see cref="OpenAsync"/>, add files, publish, <see cref="PruneAsync"/>. Safe to repeat after an interruption anywhere.
/// </summary>
/// <remarks>
/// All methods throw <see cref="IOException"/> or <see cref="HttpRequestException"/> when the outside fails, and
/// <see cref="ReleaseRefusedException"/> where trying again would not help.
/// </remarks>
public interface IReleaseHost
{
    /// <summary>
    /// The newest release of each image, by image; images without one are absent. Cheap: it reads records and file
    /// sizes, never files, and changes nothing.
    /// </summary>
    Task<ImmutableSortedDictionary<string, PublishedRelease>> ObserveAsync(IReadOnlyCollection<string> images, CancellationToken ct);

    /// <summary>
    /// Finishes or removes what interrupted runs left, where nobody else is at work. Cheap when there is nothing. Does what
    /// it can: what fails here fails again, and is told, when the image is released.
    /// </summary>
    Task RecoverAsync(IReadOnlyCollection<string> images, CancellationToken ct);

    /// <summary>
    /// Begins the next release of an image, or takes up the draft that an interrupted run left. One draft of an image is
    /// open at a time; a second caller waits for the first. The caller disposes it.
    /// </summary>
    Task<IReleaseDraft> OpenAsync(string image, CancellationToken ct);

    /// <summary>Deletes the oldest releases beyond <paramref name="keep"/>; never what the latest pointer names. Returns what went.</summary>
    /// <param name="keep">At least 1.</param>
    Task<ImmutableArray<string>> PruneAsync(string image, int keep, CancellationToken ct);
}

/// <summary>A release that nobody can see yet. Disposing it unpublished leaves readers with what they had.</summary>
public interface IReleaseDraft : IAsyncDisposable
{
    /// <summary>What this release will be called.</summary>
    string Version { get; }

    /// <summary>The newest release now, under this draft's lock: it may be newer than what the plan saw.</summary>
    PublishedRelease? Previous { get; }

    /// <summary>Adds a local file. Nothing is transferred when the draft already holds the name with this size and digest.</summary>
    Task AddAsync(ReleaseFile file, string localPath, CancellationToken ct);

    /// <summary>Adds a file of <see cref="Previous"/> without building it again.</summary>
    Task CarryAsync(ReleaseFile file, CancellationToken ct);

    /// <summary>A small document of <see cref="Previous"/>; null where it is gone or no longer what was promised: then the release says less.</summary>
    /// <param name="limitBytes">A longer one counts as gone.</param>
    Task<byte[]?> ReadPreviousAsync(ReleaseFile file, int limitBytes, CancellationToken ct);

    /// <summary>Adds a small document (the record, the changelog, the checksums), replacing what an interrupted run left.</summary>
    Task WriteAsync(string name, ReadOnlyMemory<byte> content, CancellationToken ct);

    /// <summary>
    /// Makes the release visible, whole, and the latest. The last call. The release holds exactly what was added, carried
    /// and written through this object: what else an interrupted run left in the draft is removed first. Files that were
    /// added must still be there: a host may transfer nothing before it knows the whole release.
    /// </summary>
    /// <exception cref="OvertakenException">Where no lock keeps others out: somebody released the image meanwhile.</exception>
    Task<Release> PublishAsync(CancellationToken ct);
}

/// <summary>A published release.</summary>
/// <param name="Location">Where people find it: a directory or an address.</param>
public sealed record Release(string Image, string Version, string Location);

/// <summary>A release as it was found.</summary>
/// <param name="Record">Null where it cannot be read (<paramref name="Diagnostics"/> say why): then all is built anew.</param>
public sealed record PublishedRelease(Release Release, ReleaseRecord? Record, ImmutableArray<Diagnostic> Diagnostics)
{
    public string Version => Release.Version;
}

/// <summary>The names of the documents that every release holds beside its images.</summary>
public static class ReleaseDocuments
{
    public const string Inputs = "inputs.json";
    public const string Changelog = "CHANGELOG.md";
    public const string Checksums = "SHA256SUMS";

    /// <summary>Of the checksums: ECDSA over P-256 and SHA-256, DER.</summary>
    public const string Signature = "SHA256SUMS.sig";

    /// <summary>The same signature as a Sigstore bundle.</summary>
    public const string SignatureBundle = "SHA256SUMS.sigstore.json";

    /// <summary>Of <c>IMAGE-ARCHITECTURE.packages.json</c>: what a source holds.</summary>
    public const string PackagesSuffix = ".packages.json";

    /// <summary>Of <c>IMAGE.changes.json</c>: the changelog for machines.</summary>
    private const string ChangesSuffix = ".changes.json";

    public const string SpdxSuffix = ".spdx.json";

    public const string CycloneDxSuffix = ".cdx.json";

    public static string Changes(string image) => image + ChangesSuffix;

    private const string ProvenanceSuffix = ".intoto.jsonl";

    /// <summary>Who made what from what: <c>IMAGE.intoto.jsonl</c>.</summary>
    public static string Provenance(string image) => image + ProvenanceSuffix;

    public static bool IsProvenance(string name) => name.EndsWith(ProvenanceSuffix, StringComparison.Ordinal);

    /// <summary>What no list of checksums holds: the list itself, and what signs it.</summary>
    public static bool IsAboveChecksums(string name) => name is Checksums or Signature or SignatureBundle;

    public static bool Contains(string name) => name is Inputs or Changelog || IsAboveChecksums(name) || IsProvenance(name) || IsList(name);

    private static bool IsList(string name) =>
        new[] { PackagesSuffix, ChangesSuffix, SpdxSuffix, CycloneDxSuffix }.Any(s => name.EndsWith(s, StringComparison.Ordinal));
}
