using System.Collections.Immutable;
using Pipeline.Engine.Building;
using Pipeline.Engine.Inventories;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Planning;

namespace Pipeline.Engine.Reconciling;

/// <summary>Images that were built and not released, each target with the inputs that made it.</summary>
public interface IBuiltImages
{
    /// <summary>Where the files of an image are, in words.</summary>
    string LocationOf(string image);

    /// <summary>Takes finished files in; the files themselves may be gone from where they were. An interruption leaves nothing that looks finished.</summary>
    Task KeepAsync(ImageManifest image, ImmutableArray<Artifact> built, CancellationToken ct);

    /// <summary>What was built of a target from its inputs of today; null where there is nothing.</summary>
    Task<PublishedTarget?> FindAsync(Target target, CancellationToken ct);

    /// <summary>Whether all files of what was found still seem to be there; nothing is hashed.</summary>
    bool IsWhole(string image, PublishedTarget built);

    /// <summary>Copies a file to a path where nothing is.</summary>
    /// <exception cref="InvalidDataException">It has other bytes than it was built with.</exception>
    /// <exception cref="FileNotFoundException">It is gone.</exception>
    Task CopyAsync(string image, ReleaseFile file, string to, CancellationToken ct);

    /// <summary>What the source of a built target holds; null where it was not kept, or changed since.</summary>
    Task<SourceInventory?> ReadInventoryAsync(string image, PublishedTarget target, CancellationToken ct);
}
