using System.Collections.Immutable;
using Pipeline.Core.Units;

namespace Pipeline.Engine.Planning;

/// <summary>One file of a release: what a downloader can check.</summary>
public sealed record ReleaseFile(string Name, ByteSize Size, Digest Sha256);

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
