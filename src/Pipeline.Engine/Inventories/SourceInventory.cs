using System.Collections.Immutable;
using Pipeline.Core.Units;

namespace Pipeline.Engine.Inventories;

/// <summary>What the image that a release is made from holds, for one platform: all that later notes compare.</summary>
/// <param name="Reference">The source's logical name: no mirror, no credentials.</param>
/// <param name="Platform">In the words of the image index: <c>linux/arm64</c>.</param>
public sealed record SourceInventory(string Reference, Digest Manifest, string Platform)
{
    /// <summary>The clock of the outputs that are made from it.</summary>
    public DateTimeOffset Clock { get; init; } = DateTimeOffset.UnixEpoch;

    /// <summary>Those that tell something of origin and version; bounded.</summary>
    public ImmutableSortedDictionary<string, string> Labels { get; init; } = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>Names of labels that the image has from the one it was made from, in order; as far as that is known.</summary>
    public ImmutableArray<string> InheritedLabels { get; init; } = [];

    /// <summary>In their order; with the sizes that are downloaded.</summary>
    public ImmutableArray<SourceLayer> Layers { get; init; } = [];

    /// <summary>Null where there is no os-release.</summary>
    public SystemIdentity? System { get; init; }

    /// <summary>Names of the directories of modules, one a kernel.</summary>
    public ImmutableArray<string> Kernels { get; init; } = [];

    public PackageInventory Packages { get; init; } = PackageInventory.Empty;

    /// <summary>Whether there is something that a later release would compare: layers alone are none, they follow from the digest.</summary>
    public bool IsWorthKeeping => !Packages.Packages.IsEmpty || !Packages.Unreadable.IsEmpty || !Labels.IsEmpty || !Kernels.IsEmpty;
}

public sealed record SourceLayer(Digest Digest, ByteSize Size);

/// <summary>Who made a system, os-release(5). All one line; <paramref name="Id"/> is never empty.</summary>
public sealed record SystemIdentity(string Id, string VersionId, string Name);
