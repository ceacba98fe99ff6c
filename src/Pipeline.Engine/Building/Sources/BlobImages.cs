using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Engine.Planning;

namespace Pipeline.Engine.Building.Sources;

/// <summary>The images that blobs come from, beside the source itself.</summary>
internal static class BlobImages
{
    /// <summary>The file system in which each blob of a target lies, by the blob's index; none where the bag has the reason.</summary>
    public static async Task<ImmutableDictionary<int, FileTree>> UnpackAsync(PlannedImages images, Target target, DiagnosticBag bag, CancellationToken ct)
    {
        var trees = ImmutableDictionary.CreateBuilder<int, FileTree>();
        foreach (var planned in target.BlobImages)
        {
            var source = target.Board.Blobs[planned.Blob].Image!.Source;
            var image = await images.UnpackAsync(source, planned.Image, ct);
            bag.AddRange([.. image.Diagnostics.Select(d => d with { Span = d.Span ?? source.Span })]);
            if (image.IsOk)
                trees.Add(planned.Blob, image.Value!.Tree);
        }
        return trees.ToImmutable();
    }
}
