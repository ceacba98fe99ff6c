using System.Globalization;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Yaml;

namespace Pipeline.Engine.Manifests.Schema;

/// <summary>What a validator's path (<c>#/partitions[1].size</c>) leads to in the tree.</summary>
/// <param name="Node">The value, or the deepest one on the way.</param>
/// <param name="KeySpan">Where the last key is written; null at the root and for items of a list.</param>
/// <param name="Name">The last key (<c>size</c>), for messages; of an item, that of its list.</param>
internal readonly record struct TreePath(YamlNode Node, SourceSpan? KeySpan, string Name)
{
    /// <summary>Follows the path; keys may themselves hold dots and brackets, so the longest key that fits wins.</summary>
    public static TreePath Follow(YamlNode root, string? path)
    {
        var rest = (path ?? "").TrimStart('#').TrimStart('/').AsSpan();
        var place = new TreePath(root, null, "");
        while (!rest.IsEmpty)
        {
            rest = rest.TrimStart('.');
            if (Step(place, ref rest) is not { } next)
                break;
            place = next;
        }
        return place;
    }

    private static TreePath? Step(TreePath place, ref ReadOnlySpan<char> rest)
    {
        if (place.Node is YamlMap map)
            return StepIntoMap(map, ref rest);
        var close = rest.IndexOf(']');
        if (place.Node is not YamlSequence list || rest is not ['[', ..] || close < 0)
            return null;
        if (!int.TryParse(rest[1..close], NumberStyles.None, CultureInfo.InvariantCulture, out var index) || index >= list.Items.Length)
            return null;
        rest = rest[(close + 1)..];
        return new TreePath(list.Items[index], null, place.Name);
    }

    private static TreePath? StepIntoMap(YamlMap map, ref ReadOnlySpan<char> rest)
    {
        YamlEntry? best = null;
        foreach (var entry in map.Entries)
        {
            var fits = rest.StartsWith(entry.Key, StringComparison.Ordinal)
                && (rest.Length == entry.Key.Length || rest[entry.Key.Length] is '.' or '[');
            if (fits && (best is null || entry.Key.Length > best.Key.Length))
                best = entry;
        }
        if (best is null)
            return null;
        rest = rest[best.Key.Length..];
        return new TreePath(best.Value, best.KeySpan, best.Key);
    }
}
