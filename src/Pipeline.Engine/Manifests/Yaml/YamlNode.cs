using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;

namespace Pipeline.Engine.Manifests.Yaml;

/// <summary>A piece of a YAML file together with its place. Immutable; an alias is the same object twice.</summary>
/// <param name="span">Where it begins.</param>
/// <param name="weight">Nodes in it with every alias written out; bounded by <see cref="YamlLimits.Nodes"/>.</param>
internal abstract class YamlNode(SourceSpan span, int weight)
{
    public SourceSpan Span { get; } = span;

    public int Weight { get; } = weight;

    /// <summary>What it is, in the words of a message: <c>a list</c>, <c>the number 12</c>.</summary>
    public abstract string Description { get; }
}

/// <summary>What a plain scalar means by the YAML 1.2 core schema; anything quoted is text.</summary>
internal enum ScalarKind
{
    Text,
    Null,
    Boolean,
    Integer,
    Real,
}

internal sealed class YamlScalar(string text, ScalarKind kind, SourceSpan span) : YamlNode(span, 1)
{
    /// <summary>As written (after unquoting): <c>0644</c> keeps its zero.</summary>
    public string Text { get; } = text;

    public ScalarKind Kind { get; } = kind;

    public override string Description => Kind switch
    {
        ScalarKind.Null => "nothing",
        ScalarKind.Boolean => $"the truth value {Text}",
        ScalarKind.Integer or ScalarKind.Real => $"the number {Text}",
        _ => $"the text '{Message.Quote(Text)}'",
    };
}

internal sealed record YamlEntry(string Key, SourceSpan KeySpan, YamlNode Value);

/// <summary>Keys are unique.</summary>
internal sealed class YamlMap(ImmutableArray<YamlEntry> entries, SourceSpan span)
    : YamlNode(span, 1 + entries.Sum(e => 1 + e.Value.Weight))
{
    public ImmutableArray<YamlEntry> Entries { get; } = entries;

    public override string Description => "a map";

    public YamlEntry? Find(string key)
    {
        foreach (var entry in Entries)
        {
            if (entry.Key == key)
                return entry;
        }
        return null;
    }
}

internal sealed class YamlSequence(ImmutableArray<YamlNode> items, SourceSpan span) : YamlNode(span, 1 + items.Sum(i => i.Weight))
{
    public ImmutableArray<YamlNode> Items { get; } = items;

    public override string Description => "a list";
}
