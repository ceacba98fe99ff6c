using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Yaml;

namespace Pipeline.Engine.Manifests.Checks;

/// <summary>What an image must have once everything that it extends is folded in. An abstract one may lack all.</summary>
internal static class RequiredCheck
{
    public static void Run(YamlMap tree, DiagnosticBag bag)
    {
        // What would have come from a base that is not named rightly is not missing here.
        var isBaseUnknown = tree.Find("extends") is not null && tree.Scalar("extends") is null;
        if (tree.Boolean("abstract") == true || isBaseUnknown)
            return;
        if (tree.Find("source") is null)
            bag.Add(ManifestRules.NoSource, tree.Span);
        if (tree.Find("boards") is null)
            bag.Add(ManifestRules.NoBoards, tree.Span);
    }
}
