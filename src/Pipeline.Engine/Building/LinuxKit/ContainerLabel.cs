using System.Collections.Immutable;
using System.Text;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests;
using Pipeline.Engine.Manifests.LinuxKit;

namespace Pipeline.Engine.Building.LinuxKit;

/// <summary>What an image says of itself in the label <c>org.mobyproject.config</c>, as JSON or YAML.</summary>
internal static class ContainerLabel
{
    public const string Name = "org.mobyproject.config";

    /// <summary>The settings of the label; empty where there is none. What is wrong in it is told at the container's place.</summary>
    public static ContainerSettings Read(ImmutableSortedDictionary<string, string> labels, LinuxKitContainer container, DiagnosticBag bag)
    {
        if (!labels.TryGetValue(Name, out var text) || text.Length == 0)
            return new();
        var read = LabelReader.Read(Encoding.UTF8.GetBytes(text));
        foreach (var problem in read.Diagnostics)
            bag.Add(LinuxKitBuildRules.Label, container.Image.Source.Span ?? container.Span, container.Image.Source.Text, problem.Message);
        return read.Value ?? new();
    }
}
