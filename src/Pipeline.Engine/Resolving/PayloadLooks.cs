using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Planning;

namespace Pipeline.Engine.Resolving;

/// <summary>Adds to a target what the image that its live system carries stands for: it decides bytes like the source does.</summary>
internal static class PayloadLooks
{
    /// <param name="lookFor">The look at the image of a payload, for the platform of the target.</param>
    public static Target Complete(Target target, Func<ImageSource, PlatformLook> lookFor)
    {
        if (target.Inputs is not { } inputs || target.Output.Live.Payload is not { } payload)
            return target;
        var look = lookFor(payload.Source);
        if (look.Resolved is not ResolvedImage { Image: var image })
            return target with { Resolved = null, Inputs = null, Problem = look.Problem! with { Diagnostics = BlobLooks.Placed(look.Problem.Diagnostics, payload.Source) } };
        return target with
        {
            Payload = image,
            Inputs = new(
                inputs.Deciding.SetItem(InputNames.PayloadImage, image.ManifestDigest.Text),
                inputs.Observed.SetItem(InputNames.PayloadReference, look.Name)),
            Warnings = target.Warnings.AddRange(BlobLooks.Placed(look.Warnings, payload.Source)),
        };
    }
}
