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
    private readonly Dictionary<Digest, ImageBlobs> _fetched = [];

    /// <summary>The files of an image. If its reference has moved since the plan, it is refused.</summary>
    public async Task<Result<UnpackedImage>> UnpackAsync(ImageSource text, PlatformImage planned, CancellationToken ct)
    {
        if (_unpacked.TryGetValue(planned.ManifestDigest, out var known))
            return known;
        var unpacked = await WithAsync(text, planned, (source, image) => ImageUnpacker.UnpackAsync(source, image, options, ct), ct);
        if (unpacked.IsOk)
            _unpacked.Add(planned.ManifestDigest, unpacked.Value!);
        return unpacked;
    }

    /// <summary>The layers of an image as they are stored.</summary>
    public async Task<Result<ImageBlobs>> FetchAsync(ImageSource text, PlatformImage planned, CancellationToken ct)
    {
        if (_fetched.TryGetValue(planned.ManifestDigest, out var known))
            return known;
        var fetched = await WithAsync<ImageBlobs>(text, planned, async (source, image) => new(await ImageBlobs.FetchAsync(source, image, options.ScratchDirectory, ct), []), ct);
        if (fetched.IsOk)
            _fetched.Add(planned.ManifestDigest, fetched.Value!);
        return fetched;
    }

    private async Task<Result<T>> WithAsync<T>(ImageSource text, PlatformImage planned, Func<IImageSource, PlatformImage, Task<Result<T>>> use, CancellationToken ct)
    {
        var opened = open(text);
        if (!opened.IsOk)
            return Result<T>.Failed(opened.Diagnostics);
        await using var source = opened.Value!;
        var selected = await source.SelectAsync(planned.Platform, ct);
        if (!selected.IsOk)
            return Result<T>.Failed(selected.Diagnostics);
        if (selected.Value!.ManifestDigest != planned.ManifestDigest)
            return Result<T>.Failed(Diagnostic.Create(BuildingRules.SourceMoved, text.Span, source.Name, planned.ManifestDigest.Short, selected.Value.ManifestDigest.Short));
        return await use(source, selected.Value);
    }

    public void Dispose()
    {
        foreach (var image in _unpacked.Values)
            image.Dispose();
        foreach (var image in _fetched.Values)
            image.Dispose();
    }
}
