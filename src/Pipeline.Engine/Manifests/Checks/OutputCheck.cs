using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Models;

namespace Pipeline.Engine.Manifests.Checks;

/// <summary>Outputs differ: a target is an image, a board and a kind, so each kind comes once.</summary>
internal static class OutputCheck
{
    public static void Run(ImageManifest image, DiagnosticBag bag)
    {
        var seen = new HashSet<OutputKind>();
        foreach (var output in image.Outputs.Where(o => !seen.Add(o.Kind)))
            bag.Add(ManifestRules.OutputTwice, output.Span, output.Kind.ToString().ToLowerInvariant());
    }
}
