using System.Collections.Immutable;

namespace Pipeline.Engine.Inventories.Changes;

/// <summary>Packages of one source that changed in the same way: one row of a table.</summary>
/// <param name="Changes">In order; never empty.</param>
public sealed record SourceRow(ChangeKind Kind, string Source, ImmutableArray<PackageChange> Changes)
{
    public ImmutableArray<string> Old => Changes[0].Old;

    public ImmutableArray<string> New => Changes[0].New;

    /// <summary>Rows in order of kind, then source.</summary>
    public static ImmutableArray<SourceRow> Group(IEnumerable<PackageChange> changes) =>
    [
        .. changes
            .GroupBy(c => (c.Kind, c.Manager, c.Source, Old: string.Join(' ', c.Old), New: string.Join(' ', c.New), From: c.OldArchitecture, To: c.OldArchitecture is null ? null : c.Architecture))
            .Select(same => new SourceRow(same.Key.Kind, same.Key.Source, [.. same]))
            .OrderBy(row => row.Kind).ThenBy(row => row.Source, StringComparer.Ordinal).ThenBy(row => row.Changes[0].Name, StringComparer.Ordinal),
    ];
}
