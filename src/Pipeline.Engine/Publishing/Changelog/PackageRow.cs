using System.Collections.Immutable;
using Pipeline.Engine.Inventories.Changes;

namespace Pipeline.Engine.Publishing.Changelog;

/// <summary>The cells of a row about packages; they may stand in any table.</summary>
internal static class PackageRow
{
    private const int ShownNames = 4;
    private const int ShownVersions = 6;

    /// <summary><c>mesa: mesa-dri, mesa-gl and 3 more</c>; one package by its own name.</summary>
    public static string Name(SourceRow row)
    {
        var names = row.Changes.Select(c => c.Name).Distinct(StringComparer.Ordinal).ToList();
        var shown = string.Join(", ", names.Take(ShownNames).Select(Markdown.Escape));
        var rest = names.Count > ShownNames ? $" and {names.Count - ShownNames} more" : "";
        return names.Count == 1 ? shown : $"{Markdown.Escape(row.Source)}: {shown}{rest}";
    }

    public static string Versions(ImmutableArray<string> versions) => versions.Length switch
    {
        0 => "(none)",
        <= ShownVersions => string.Join(", ", versions.Select(Markdown.CodeCell)),
        _ => string.Join(", ", versions[..ShownVersions].Select(Markdown.CodeCell)) + $" and {versions.Length - ShownVersions} more",
    };

    /// <summary>With the direction, which is not always up.</summary>
    public static string Now(SourceRow row) => Versions(row.New) + row.Kind switch
    {
        ChangeKind.Upgraded => " ⬆",
        ChangeKind.Downgraded => " ⬇",
        ChangeKind.Rebuilt => " (rebuilt)",
        _ => "",
    };
}
