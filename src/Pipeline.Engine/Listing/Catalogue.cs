using System.Collections.Immutable;
using Pipeline.Engine.Planning;
using Pipeline.Engine.Publishing;

namespace Pipeline.Engine.Listing;

/// <summary>What is released and can be fetched: of each image the release that 'latest' names, in order of name.</summary>
public sealed record Catalogue(ImmutableArray<OfferedRelease> Releases);

/// <param name="Description">Of the manifest as it is now.</param>
/// <param name="Versions">All that are offered, newest first; <paramref name="Version"/> is the first of them.</param>
/// <param name="Documents">Addresses of CHANGELOG.md and the like, by name; those that have one.</param>
public sealed record OfferedRelease(
    string Image, string Description, ReleaseVersion Version, ImmutableArray<ReleaseVersion> Versions,
    ImmutableArray<OfferedTarget> Targets, ImmutableSortedDictionary<string, Uri> Documents)
{
    /// <summary>What people open in a browser; null for none.</summary>
    public Uri? Page { get; init; }
}

/// <param name="Output">As manifests write it: <c>disk</c>, <c>iso</c>.</param>
/// <param name="Platform">As the record has it, <c>linux/arm64</c>; null where it has none.</param>
/// <param name="BuiltIn">The version whose run built it.</param>
/// <param name="Files">The image first, then its sidecars.</param>
public sealed record OfferedTarget(string Id, string Board, string Output, string? Platform, string BuiltIn, ImmutableArray<OfferedFile> Files)
{
    /// <summary>Whether the first file is something that is written to a whole medium.</summary>
    public bool IsMedium => Output is "disk" or "live" or "iso";
}

/// <param name="Address">Null where no browser can get it, or it is kept in another form.</param>
/// <param name="Forms">What stands in its place where a store takes no file so large: parts, or a packed form.</param>
public sealed record OfferedFile(ReleaseFile File, Uri? Address, ImmutableArray<StoredForm> Forms)
{
    private static readonly string[] Packings = [".zst", ".xz", ".gz"];

    /// <summary>As it lies on a disk; null for a packed file whose release does not say.</summary>
    public UnpackedFile? Unpacked => File.Unpacked ?? (Array.Exists(Packings, p => File.Name.EndsWith(p, StringComparison.Ordinal)) ? null : new(File.Size, File.Sha256));
}

public sealed record StoredForm(string Name, long SizeBytes, Uri? Address);
