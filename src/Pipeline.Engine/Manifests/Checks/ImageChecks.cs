using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Manifests.Yaml;

namespace Pipeline.Engine.Manifests.Checks;

/// <summary>Everything that can be wrong between the values of one image. No check needs another to have passed.</summary>
internal static class ImageChecks
{
    public static void Run(ImageManifest image, YamlMap tree, BoardSet boards, DiagnosticBag bag)
    {
        RequiredCheck.Run(tree, bag);
        BoardReferenceCheck.Run(image, boards, bag);
        OutputCheck.Run(image, bag);
        FilesCheck.Run(image.Customization, tree, bag);
        UsersCheck.Run(image.Customization, tree, bag);
        FstabCheck.Run(image, tree, boards, bag);
    }
}
