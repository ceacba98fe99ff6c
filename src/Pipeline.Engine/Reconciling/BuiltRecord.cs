using Pipeline.Core.Units;
using Pipeline.Engine.Building;
using Pipeline.Engine.Inventories;
using Pipeline.Engine.Planning;
using Pipeline.Engine.Publishing;

namespace Pipeline.Engine.Reconciling;

/// <summary>What is written down of a target that was built and not released.</summary>
internal static class BuiltRecord
{
    public static PublishedTarget Of(Artifact artifact)
    {
        var packages = artifact.Inventory is { } inventory ? InventoryJson.Write(inventory) : null;
        return new(artifact.Target.Id, BuiltImages.Version, artifact.Target.Inputs!, [.. artifact.Files.Select(f => f.Listed)], [])
        {
            Packages = packages is null ? null : new(PackagesName(artifact.Target), new(packages.Length), Digest.Sha256(packages)),
        };
    }

    public static string PackagesName(Target target) => $"{target.Image.Name}-{target.Board.Name}{ReleaseDocuments.PackagesSuffix}";
}
