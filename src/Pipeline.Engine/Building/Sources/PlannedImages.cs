using Pipeline.Core.Diagnostics;
using Pipeline.Core.Units;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Oci.Layers;
using Pipeline.Oci.Sources;

namespace Pipeline.Engine.Building.Sources;

/// <summary>Images that were looked at when the build was planned, each unpacked once however many ask for it.</summary>
internal sealed class PlannedImages(Func<ImageSource, Result<IImageSource>> open, UnpackOptions options) : IDisposable
{
    private readonly Dictionary<Digest, UnpackedImage> _unpacked = [];

    /// <summary>The files of an image. If its reference has moved since the plan, it is refused.</summary>
    public async Task<Result<UnpackedImage>> UnpackAsync(ImageSource text, PlatformImage planned, CancellationToken ct)
    {
        if (_unpacked.TryGetValue(planned.ManifestDigest, out var known))
            return known;
        var opened = open(text);
        if (!opened.IsOk)
            return Result<UnpackedImage>.Failed(opened.Diagnostics);
        await using var source = opened.Value!;
        var selected = await source.SelectAsync(planned.Platform, ct);
        if (!selected.IsOk)
            return Result<UnpackedImage>.Failed(selected.Diagnostics);
        if (selected.Value!.ManifestDigest != planned.ManifestDigest)
            return Result<UnpackedImage>.Failed(Diagnostic.Create(BuildingRules.SourceMoved, text.Span, source.Name, planned.ManifestDigest.Short, selected.Value.ManifestDigest.Short));
        var unpacked = await ImageUnpacker.UnpackAsync(source, selected.Value, options, ct);
        if (unpacked.IsOk)
            _unpacked.Add(planned.ManifestDigest, unpacked.Value!);
        return unpacked;
    }

    public void Dispose()
    {
        foreach (var image in _unpacked.Values)
            image.Dispose();
    }
}
