using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Core.Units;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Planning;
using Pipeline.Oci.Layers;
using Pipeline.Oci.Sources;

namespace Pipeline.Engine.Building.Sources;

/// <summary>The images that blobs come from, beside the source itself: each is unpacked once for all boards of a build.</summary>
internal sealed class BlobImages(Func<ImageSource, Result<IImageSource>> open, UnpackOptions options) : IDisposable
{
    private readonly Dictionary<Digest, UnpackedImage> _unpacked = [];

    /// <summary>The file system in which each blob of a target lies, by the blob's index; none where the bag has the reason.</summary>
    public async Task<ImmutableDictionary<int, FileTree>> UnpackAsync(Target target, DiagnosticBag bag, CancellationToken ct)
    {
        var trees = ImmutableDictionary.CreateBuilder<int, FileTree>();
        foreach (var planned in target.BlobImages)
        {
            var blob = target.Board.Blobs[planned.Blob];
            if (!_unpacked.TryGetValue(planned.Image.ManifestDigest, out var image))
            {
                var result = await UnpackAsync(blob.Image!.Source, planned.Image, ct);
                bag.AddRange([.. result.Diagnostics.Select(d => d with { Span = d.Span ?? blob.Image.Source.Span })]);
                if (!result.IsOk)
                    continue;
                _unpacked.Add(planned.Image.ManifestDigest, image = result.Value!);
            }
            trees.Add(planned.Blob, image.Tree);
        }
        return trees.ToImmutable();
    }

    private async Task<Result<UnpackedImage>> UnpackAsync(ImageSource text, PlatformImage planned, CancellationToken ct)
    {
        var opened = open(text);
        if (!opened.IsOk)
            return Result<UnpackedImage>.Failed(opened.Diagnostics);
        await using var source = opened.Value!;
        var selected = await source.SelectAsync(planned.Platform, ct);
        if (!selected.IsOk)
            return Result<UnpackedImage>.Failed(selected.Diagnostics);
        if (selected.Value!.ManifestDigest != planned.ManifestDigest)
            return Result<UnpackedImage>.Failed(Diagnostic.Create(BuildingRules.SourceMoved, text.Span, source.Name, planned.ManifestDigest.Short, selected.Value.ManifestDigest.Short));
        return await ImageUnpacker.UnpackAsync(source, selected.Value, options, ct);
    }

    public void Dispose()
    {
        foreach (var image in _unpacked.Values)
            image.Dispose();
    }
}
