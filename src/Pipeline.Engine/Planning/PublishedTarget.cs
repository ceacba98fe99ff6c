using System.Collections.Immutable;
using Pipeline.Core.Units;

namespace Pipeline.Engine.Planning;

/// <summary>One file of a release: what a downloader can check.</summary>
public sealed record ReleaseFile(string Name, ByteSize Size, Digest Sha256)
{
    /// <summary>What a packed image holds; null for what is not packed, is no image, or was released before this was recorded.</summary>
    public UnpackedFile? Unpacked { get; init; }

    /// <summary>The same bytes under the same name; what they unpack to follows from that, and not every store tells it.</summary>
    public bool IsSameAs(ReleaseFile? other) => other is not null && Name == other.Name && Size == other.Size && Sha256 == other.Sha256;
}

/// <summary>An image as it lies on a disk: its length and digest, packed by whatever.</summary>
public sealed record UnpackedFile(ByteSize Size, Digest Sha256);

/// <summary>A target as the newest release of its image holds it: observed, never remembered elsewhere.</summary>
/// <param name="BuiltIn">The version whose run built it; later releases may have carried it over.</param>
/// <param name="Lost">Names of its files that the release should hold and does not, or with another length.</param>
public sealed record PublishedTarget(
    string Id, string BuiltIn, BuildInputs Inputs, ImmutableArray<ReleaseFile> Files, ImmutableArray<string> Lost)
{
    /// <summary>
    /// The list of the packages of its source, which targets of one source and platform share. Null for releases of old, and
    /// where it got lost: that is no reason to build.
    /// </summary>
    public ReleaseFile? Packages { get; init; }
}
