using System.Collections.Immutable;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Planning;

namespace Pipeline.Engine.Resolving;

/// <summary>Adds to a target what the images that its board's blobs come from stand for: they decide bytes like the source does.</summary>
internal static class BlobLooks
{
    /// <param name="lookFor">The look at the image of a blob.</param>
    public static Target Complete(Target target, Func<BlobImage, PlatformLook> lookFor)
    {
        if (target.Inputs is not { } inputs)
            return target;
        var images = ImmutableArray.CreateBuilder<ResolvedBlobImage>();
        var (deciding, observed) = (inputs.Deciding, inputs.Observed);
        var warnings = target.Warnings;
        for (var i = 0; i < target.Board.Blobs.Length; i++)
        {
            if (target.Board.Blobs[i].Image is not { } blob)
                continue;
            var look = lookFor(blob);
            if (look.Resolved is not ResolvedImage { Image: var image })
                return target with { Resolved = null, Inputs = null, Problem = look.Problem! with { Diagnostics = Placed(look.Problem.Diagnostics, blob.Source) } };
            images.Add(new(i, image));
            deciding = deciding.SetItem(InputNames.BlobImage(i), image.ManifestDigest.Text);
            observed = observed.SetItem(InputNames.BlobReference(i), look.Name);
            warnings = warnings.AddRange(Placed(look.Warnings, blob.Source));
        }
        return target with { BlobImages = images.ToImmutable(), Inputs = new(deciding, observed), Warnings = warnings };
    }

    /// <summary>Complaints are about the line that named the image.</summary>
    public static ImmutableArray<Core.Diagnostics.Diagnostic> Placed(ImmutableArray<Core.Diagnostics.Diagnostic> diagnostics, ImageSource source) =>
        [.. diagnostics.Select(d => d with { Span = d.Span ?? source.Span })];
}
