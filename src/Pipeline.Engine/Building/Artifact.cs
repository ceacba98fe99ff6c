using System.Collections.Immutable;
using Pipeline.Core.Blocks;
using Pipeline.Core.Units;
using Pipeline.Engine.Inventories;
using Pipeline.Engine.Planning;

namespace Pipeline.Engine.Building;

/// <summary>One finished file of a target: an image or one of its sidecars.</summary>
/// <param name="Path">Where it lies now (in the scratch or output directory).</param>
/// <param name="Name">What it is called in a release.</param>
/// <param name="Sha256">Null only where <see cref="BuildContext.HashOutputs"/> was off.</param>
public sealed record ArtifactFile(string Path, string Name, ByteSize Size, Digest? Sha256)
{
    /// <summary>Of a packed image; null for all else, and where nothing was hashed.</summary>
    public UnpackedFile? Unpacked { get; init; }

    /// <summary>As a release lists it. Only for what was hashed.</summary>
    public ReleaseFile Listed => new(Name, Size, Sha256!) { Unpacked = Unpacked };
}

/// <summary>A target, built.</summary>
/// <param name="Files">The image first, then its sidecars.</param>
/// <param name="Map">Where what lies in the (uncompressed) image.</param>
public sealed record Artifact(Target Target, ImmutableArray<ArtifactFile> Files, ImmutableArray<Region> Map)
{
    /// <summary>What its source holds; null where nobody asked (<see cref="BuildContext.ListPackages"/>).</summary>
    public SourceInventory? Inventory { get; init; }
}
