using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Units;
using Pipeline.Oci.Documents;
using Pipeline.Oci.Platforms;

namespace Pipeline.Oci.Sources;

/// <summary>One image that a source offers. <paramref name="Platform"/> is null where neither index nor configuration says.</summary>
public sealed record OfferedImage(
    Platform? Platform, Digest ManifestDigest, Digest ConfigDigest, ImmutableArray<Descriptor> Layers,
    ImmutableSortedDictionary<string, string> Labels, DateTimeOffset? Created);

/// <summary>All that a source offers, as <c>pipeline inspect</c> prints it. Attestations are left out.</summary>
public sealed record ImageDescription(string Name, Digest Digest, ImmutableArray<OfferedImage> Images)
{
    /// <summary>Reads the documents of every platform, no layers. A plain tar offers one image of no said platform.</summary>
    public static async Task<Result<ImageDescription>> ReadAsync(IImageSource source, CancellationToken ct)
    {
        var look = await source.LookAsync(ct);
        if (!look.IsOk)
            return Result<ImageDescription>.Failed(look.Diagnostics);
        if (source is not IDocumentSource documents)
            return await ReadPlainAsync(source, ct);
        var images = await new ImageSelector(documents).ReadAllAsync(ct);
        return images.IsOk
            ? new ImageDescription(source.Name, look.Value!, [.. images.Value.Select(Offer)])
            : Result<ImageDescription>.Failed(images.Diagnostics);
    }

    private static async Task<Result<ImageDescription>> ReadPlainAsync(IImageSource source, CancellationToken ct)
    {
        var image = await source.SelectAsync(Platform.Of("linux", "unknown", null), ct);
        return image is { IsOk: true, Value: { } only }
            ? new ImageDescription(source.Name, only.LookDigest, [new(null, only.ManifestDigest, only.ConfigDigest, only.Layers, only.Labels, only.Created)])
            : Result<ImageDescription>.Failed(image.Diagnostics);
    }

    private static OfferedImage Offer(Candidate image) => new(
        image.Platform, image.ManifestDigest, image.Manifest.Config.Digest, image.Manifest.Layers, image.Config.Labels, image.Config.Created);
}
