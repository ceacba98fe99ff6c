using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Manifests.Yaml;

namespace Pipeline.Engine.Manifests.Checks;

/// <summary>Everything that can be wrong between the values of one board. No check needs another to have passed.</summary>
internal static class BoardChecks
{
    public static void Run(BoardManifest board, YamlMap tree, DiagnosticBag bag)
    {
    }
}
