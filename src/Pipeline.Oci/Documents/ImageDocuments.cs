using System.Collections.Immutable;
using Pipeline.Core.Units;
using Pipeline.Oci.Platforms;

namespace Pipeline.Oci.Documents;

/// <summary>What a reference can lead to: an index of images, or the manifest of one.</summary>
public abstract record ImageDocument;

/// <summary>A list of manifests: image-spec, "OCI Image Index"; Docker's manifest list is the same.</summary>
public sealed record ImageIndex(ImmutableArray<IndexEntry> Entries) : ImageDocument;

/// <param name="Platform">Null where the entry does not say; then the configuration does.</param>
/// <param name="IsAttestation">A build record beside the image, not an image.</param>
public sealed record IndexEntry(Descriptor Descriptor, Platform? Platform, bool IsAttestation);

/// <summary>One image: its configuration and its layers, the lowest first. image-spec, "OCI Image Manifest".</summary>
public sealed record Manifest(Descriptor Config, ImmutableArray<Descriptor> Layers) : ImageDocument
{
    public ImmutableSortedDictionary<string, string> Annotations { get; init; } = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);
}

/// <summary>What we need of an image's configuration: image-spec, "OCI Image Configuration".</summary>
/// <param name="Platform">Null where it does not say.</param>
/// <param name="HasVariant">The variant was written, not assumed.</param>
public sealed record ImageConfig(
    Platform? Platform, bool HasVariant, ImmutableArray<Digest> DiffIds,
    ImmutableSortedDictionary<string, string> Labels, DateTimeOffset? Created)
{
    public ImageProcess Process { get; init; } = ImageProcess.None;
}

/// <summary>What an image runs where nobody says otherwise.</summary>
/// <param name="Command">The entry point, then its arguments.</param>
/// <param name="Environment">NAME=VALUE each.</param>
/// <param name="WorkingDirectory">Empty where it does not say.</param>
public sealed record ImageProcess(ImmutableArray<string> Command, ImmutableArray<string> Environment, string WorkingDirectory)
{
    public static ImageProcess None { get; } = new([], [], "");
}
