using System.Collections.Immutable;

namespace Pipeline.Engine.Inventories.Changes;

/// <summary>In the order in which notes show them.</summary>
public enum ChangeKind
{
    Upgraded,
    Downgraded,

    /// <summary>Other versions, of which the manager cannot tell the newer one.</summary>
    Changed,

    /// <summary>The same version from another build.</summary>
    Rebuilt,
    ArchitectureChanged,
    Added,
    Removed,
}

/// <summary>What became of a package between two inventories.</summary>
/// <param name="Source">What it was built from; its own name where that is not known.</param>
/// <param name="Old">Versions, oldest first; several where several are installed side by side. Empty for what was not there.</param>
/// <param name="New">The same for now; versions that are in both stand in both.</param>
public sealed record PackageChange(
    ChangeKind Kind, PackageManager Manager, string Name, string Architecture, string Source, ImmutableArray<string> Old, ImmutableArray<string> New)
{
    /// <summary>Set where <see cref="Kind"/> is <see cref="ChangeKind.ArchitectureChanged"/>.</summary>
    public string? OldArchitecture { get; init; }
}
