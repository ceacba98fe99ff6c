using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Pipeline.Engine.Manifests.Yaml;

/// <summary>Makes the located tree of one file out of parser events. One object reads one file.</summary>
internal sealed class YamlTreeBuilder(string file, SourceTree? tree, DiagnosticBag bag)
{
    private readonly Dictionary<string, YamlNode> _anchors = new(StringComparer.Ordinal);
    private bool _tooMuch;
    private int _nodes;

    public SourceSpan LastSpan { get; private set; } = new(file, 1, 1);

    /// <summary>Null when the file is empty, too deep or too large; the bag says which.</summary>
    /// <exception cref="YamlException">The text is not YAML.</exception>
    public YamlNode? Build(IParser parser)
    {
        parser.Consume<StreamStart>();
        if (parser.Accept<StreamEnd>(out _))
        {
            bag.Add(ManifestRules.Unreadable, new SourceSpan(file, 1, 1), file, "it is empty");
            return null;
        }
        parser.Consume<DocumentStart>();
        var root = ReadNode(parser, 0);
        if (_tooMuch)
            return null;
        parser.Consume<DocumentEnd>();
        if (parser.Accept<DocumentStart>(out var second))
        {
            bag.Add(ManifestRules.Syntax, Span(second), "a second document begins here; one file holds one manifest");
            return null;
        }
        return root;
    }

    private YamlNode? ReadNode(IParser parser, int depth)
    {
        var current = parser.Current!;
        LastSpan = Span(current);
        if (depth > YamlLimits.Depth)
            return Stop(LastSpan, $"maps and lists are more than {YamlLimits.Depth} deep");
        if (++_nodes > YamlLimits.Nodes)
            return Stop(LastSpan, $"there are more than {YamlLimits.Nodes} values");
        var node = current switch
        {
            AnchorAlias alias => ReadAlias(parser, alias),
            Scalar scalar => ReadScalar(parser, scalar),
            SequenceStart start => ReadSequence(parser, start, depth),
            MappingStart start => ReadMap(parser, start, depth),
            _ => throw new YamlException(current.Start, current.End, "a value is expected here"),
        };
        if (node is { Weight: > YamlLimits.Nodes })
            return Stop(node.Span, $"with aliases written out there are more than {YamlLimits.Nodes} values");
        return node;
    }

    private YamlNode? ReadAlias(IParser parser, AnchorAlias alias)
    {
        parser.MoveNext();
        if (_anchors.TryGetValue(alias.Value.Value, out var node))
            return node;
        throw new YamlException(alias.Start, alias.End, $"there is no anchor '&{Message.Quote(alias.Value.Value)}' before this alias");
    }

    private YamlScalar ReadScalar(IParser parser, Scalar scalar)
    {
        parser.MoveNext();
        var kind = scalar.Style == ScalarStyle.Plain && scalar.Tag.IsEmpty ? CoreSchema.KindOf(scalar.Value) : ScalarKind.Text;
        RefuseTag(scalar);
        return Anchor(scalar, new YamlScalar(scalar.Value, kind, Span(scalar)));
    }

    private YamlSequence? ReadSequence(IParser parser, SequenceStart start, int depth)
    {
        parser.MoveNext();
        RefuseTag(start);
        var items = ImmutableArray.CreateBuilder<YamlNode>();
        while (!parser.TryConsume<SequenceEnd>(out _))
        {
            var item = ReadNode(parser, depth + 1);
            if (item is null)
                return null;
            items.Add(item);
        }
        return Anchor(start, new YamlSequence(items.ToImmutable(), Span(start)));
    }

    private YamlMap? ReadMap(IParser parser, MappingStart start, int depth)
    {
        parser.MoveNext();
        RefuseTag(start);
        var entries = new Dictionary<string, YamlEntry>(StringComparer.Ordinal);
        var order = ImmutableArray.CreateBuilder<YamlEntry>();
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            if (parser.Current is not Scalar key)
                throw new YamlException(parser.Current!.Start, parser.Current.End, "a key must be a plain word");
            parser.MoveNext();
            RefuseTag(key);
            var value = ReadNode(parser, depth + 1);
            if (value is null)
                return null;
            var entry = new YamlEntry(key.Value, Span(key), value);
            if (entries.TryAdd(key.Value, entry))
                order.Add(entry);
            else
                bag.Add(ManifestRules.DuplicateKey, entry.KeySpan, Message.Quote(key.Value), entries[key.Value].KeySpan);
        }
        return Anchor(start, new YamlMap(order.ToImmutable(), Span(start)));
    }

    private T Anchor<T>(NodeEvent e, T node)
        where T : YamlNode
    {
        if (!e.Anchor.IsEmpty)
            _anchors[e.Anchor.Value] = node;
        return node;
    }

    private static void RefuseTag(NodeEvent e)
    {
        if (!e.Tag.IsEmpty && !e.Tag.IsNonSpecific && !e.Tag.Value.StartsWith("tag:yaml.org,2002:", StringComparison.Ordinal))
            throw new YamlException(e.Start, e.End, $"the tag '{Message.Quote(e.Tag.Value)}' means nothing here; remove it");
    }

    private YamlNode? Stop(SourceSpan span, string reason)
    {
        if (!_tooMuch)
            bag.Add(ManifestRules.TooMuch, span, reason);
        _tooMuch = true;
        return null;
    }

    private SourceSpan Span(ParsingEvent e) => tree is null ? YamlMessages.SpanOf(e.Start, file) : YamlMessages.SpanOf(e.Start, file) with { Tree = tree };
}
