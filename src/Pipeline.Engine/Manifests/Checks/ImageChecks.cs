using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Carried;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Manifests.Yaml;
using Pipeline.Oci.Platforms;

namespace Pipeline.Engine.Manifests.Checks;

/// <summary>Everything that can be wrong between the values of one image. No check needs another to have passed.</summary>
internal static class ImageChecks
{
    /// <summary>A layout does not say one, and nothing that is checked of it asks.</summary>
    private static readonly Platform LayoutPlatform = Platform.Of("linux", "unknown", null);

    public static void Run(ImageManifest image, YamlMap tree, BoardSet boards, DiagnosticBag bag)
    {
        RequiredCheck.Run(tree, bag);
        BoardReferenceCheck.Run(image, boards, bag);
        if (image.Layout is { } layout)
            bag.AddRange(CarriedLayout.Apply(CarriedLayout.Unread(CarriedName.Plain, LayoutPlatform, layout.Span), layout).Diagnostics);
        OutputCheck.Run(image, tree, bag);
        FilesCheck.Run(image.Customization, tree, bag);
        UsersCheck.Run(image.Customization, tree, bag);
        FstabCheck.Run(image, tree, boards, bag);
    }
}
