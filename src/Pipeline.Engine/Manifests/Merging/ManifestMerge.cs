using System.Collections.Immutable;
using Pipeline.Engine.Manifests.Yaml;

namespace Pipeline.Engine.Manifests.Merging;

/// <summary>
/// What <c>extends</c> means: maps merge key by key, lists replace, <c>{append: […]}</c> and <c>{prepend: […]}</c> add to
/// the inherited list, null removes. Every value keeps the place where it was written.
/// </summary>
internal static class ManifestMerge
{
    private static readonly string[] NotInherited = ["extends", "abstract", "suspend"];

    /// <summary>A manifest without a base: its changes of lists are the lists themselves, its nulls are gone.</summary>
    public static YamlMap Settle(YamlMap tree) => Merge(new YamlMap([], tree.Span), tree);

    /// <param name="inherited">A tree that was merged or settled itself.</param>
    public static YamlMap Extend(YamlMap inherited, YamlMap tree) =>
        Merge(new YamlMap([.. inherited.Entries.Where(e => !NotInherited.Contains(e.Key))], inherited.Span), tree);

    private static YamlMap Merge(YamlMap inherited, YamlMap tree)
    {
        var entries = ImmutableArray.CreateBuilder<YamlEntry>();
        foreach (var old in inherited.Entries)
        {
            var own = tree.Find(old.Key);
            if (own is null)
                entries.Add(old);
            else if (Combine(old.Value, own.Value) is { } value)
                entries.Add(own with { Value = value });
        }
        foreach (var own in tree.Entries.Where(e => inherited.Find(e.Key) is null))
        {
            if (Combine(null, own.Value) is { } value)
                entries.Add(own with { Value = value });
        }
        return new YamlMap(entries.ToImmutable(), tree.Span);
    }

    private static YamlNode? Combine(YamlNode? old, YamlNode own) => own switch
    {
        YamlScalar { Kind: ScalarKind.Null } => null,
        YamlMap change when IsListChange(change) => Change(old as YamlSequence, change),
        YamlMap map => Merge(old as YamlMap ?? new YamlMap([], map.Span), map),
        _ => own,
    };

    private static bool IsListChange(YamlMap map) =>
        map.Entries.Length > 0 && map.Entries.All(e => e is { Key: "append" or "prepend", Value: YamlSequence });

    private static YamlSequence Change(YamlSequence? old, YamlMap change) =>
        new([.. change.Items("prepend"), .. old?.Items ?? [], .. change.Items("append")], change.Span);
}
