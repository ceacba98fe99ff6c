using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Engine.Inventories;
using Pipeline.Engine.Planning;
using Pipeline.Oci.Sources;

namespace Pipeline.Engine.Building.Sources;

/// <summary>What an unpacked source holds, for the notes of a release. Nothing that goes wrong here fails a build.</summary>
internal static class SourceContents
{
    /// <param name="target">Any of those that stand on the source.</param>
    public static (SourceInventory Inventory, ImmutableArray<Diagnostic> Warnings) Read(
        Target target, PlatformImage image, FileTree tree, UnixTime clock, BuildContext context, CancellationToken ct)
    {
        using var activity = context.Reporter.Begin("list packages", 0);
        var packages = InventoryReader.Read(tree, context.OutputDirectory, ct);
        var inventory = new SourceInventory(target.Inputs!.Observed.GetValueOrDefault(InputNames.SourceReference, target.Image.Source.Text), image.ManifestDigest, image.Platform.ToString())
        {
            Clock = DateTimeOffset.FromUnixTimeSeconds(clock.Seconds),
            Labels = SystemFacts.Labels(image.Labels),
            Layers = [.. image.Layers.Select(l => new SourceLayer(l.Digest, new(l.SizeBytes)))],
            System = SystemFacts.Identity(tree),
            Kernels = SystemFacts.Kernels(tree),
            Packages = packages.Value!,
        };
        return (inventory, packages.Diagnostics);
    }
}
