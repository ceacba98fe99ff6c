using System.Collections.Immutable;

namespace Pipeline.Engine.Inventories;

/// <summary>The packages of an image, from all databases in it.</summary>
/// <param name="Packages">In order of manager, name, architecture, version: ordinal, so that equal images give equal lists.</param>
/// <param name="Databases">Paths in the image that were read.</param>
public sealed record PackageInventory(ImmutableArray<Package> Packages, ImmutableArray<string> Databases)
{
    public static PackageInventory Empty { get; } = new([], []);

    /// <summary>Databases that are there and could not be read, each with a reason: then the list is not whole.</summary>
    public ImmutableArray<string> Unreadable { get; init; } = [];

    public static PackageInventory Of(IEnumerable<Package> packages, IEnumerable<string> databases) => new(
        [
            .. packages.OrderBy(p => p.Manager)
                .ThenBy(p => p.Name, StringComparer.Ordinal)
                .ThenBy(p => p.Architecture, StringComparer.Ordinal)
                .ThenBy(p => p.FullVersion, StringComparer.Ordinal)
                .ThenBy(p => p.Build, StringComparer.Ordinal),
        ],
        [.. databases]);
}
