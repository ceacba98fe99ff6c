using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Schema;

namespace Pipeline.Engine.Manifests.Notes;

/// <summary>A template from its text. A line that holds nothing but the beginning or end of a part, or a remark, vanishes.</summary>
/// <param name="file">For the places of mistakes.</param>
public sealed class NotesTemplateReader(string file, DiagnosticBag bag)
{
    private const string Open = "{{";
    private const string Close = "}}";

    /// <summary>More is no text of a release.</summary>
    private const int LimitDepth = 20;

    private readonly Stack<(Tag Tag, List<NotesNode> Nodes)> _open = new();

    private readonly record struct Tag(char Kind, string Name, int Offset);

    public NotesTemplate Read(string text)
    {
        text = text.ReplaceLineEndings("\n");
        _open.Push((default, []));
        var at = 0;
        while (text.IndexOf(Open, at, StringComparison.Ordinal) is var begin and >= 0)
        {
            var end = text.IndexOf(Close, begin, StringComparison.Ordinal);
            if (end < 0)
            {
                bag.Add(ManifestRules.TemplateTag, Place(text, begin), "'{{' has no '}}'");
                break;
            }
            var tag = ReadTag(text[(begin + Open.Length)..end], begin);
            var (from, to) = tag.Kind == 'v' ? (begin, end + Close.Length) : WholeLine(text, begin, end + Close.Length);
            Add(text[at..Math.Max(at, from)]);
            Take(text, tag);
            at = to;
        }
        Add(text[at..]);
        while (_open.Count > 1)
        {
            var (unclosed, nodes) = _open.Pop();
            bag.Add(ManifestRules.TemplateTag, Place(text, unclosed.Offset), $"the part '{unclosed.Name}' has no end; expected '{{{{/{unclosed.Name}}}}}'");
            _open.Peek().Nodes.AddRange(nodes);
        }
        return new([.. _open.Pop().Nodes]);
    }

    private static Tag ReadTag(string inner, int offset)
    {
        var kind = inner.Length > 0 && inner[0] is '#' or '^' or '/' or '!' ? inner[0] : 'v';
        return new(kind, (kind == 'v' ? inner : inner[1..]).Trim(), offset);
    }

    private void Take(string text, Tag tag)
    {
        if (tag.Kind == '!')
            return;
        if (!NotesTemplate.Names.ContainsKey(tag.Name))
        {
            bag.Add(ManifestRules.TemplateName, Place(text, tag.Offset), Message.Quote(tag.Name), Nearest.Find(tag.Name, NotesTemplate.Names.Keys) is { } nearest ? $"did you mean '{nearest}'?" : "expected one of " + string.Join(", ", NotesTemplate.Names.Keys));
            if (tag.Kind is 'v')
                return;
        }
        switch (tag.Kind)
        {
            case 'v':
                _open.Peek().Nodes.Add(new NotesValue(tag.Name));
                break;
            case '/':
                CloseTag(text, tag);
                break;
            default:
                if (_open.Count > LimitDepth)
                    bag.Add(ManifestRules.TemplateTag, Place(text, tag.Offset), $"more than {LimitDepth} parts in one another");
                _open.Push((tag, []));
                break;
        }
    }

    private void CloseTag(string text, Tag tag)
    {
        if (_open.Count == 1 || _open.Peek().Tag.Name != tag.Name)
        {
            bag.Add(ManifestRules.TemplateTag, Place(text, tag.Offset), _open.Count == 1 ? $"no part '{tag.Name}' was begun" : $"the part '{_open.Peek().Tag.Name}' must end before '{tag.Name}' does");
            return;
        }
        var (begun, nodes) = _open.Pop();
        _open.Peek().Nodes.Add(new NotesPart(begun.Name, begun.Kind == '^', [.. nodes]));
    }

    private void Add(string text)
    {
        if (text.Length > 0)
            _open.Peek().Nodes.Add(new NotesText(text));
    }

    /// <summary>From the begin of the line to behind its end, where nothing else is in it; else what was given.</summary>
    private static (int From, int To) WholeLine(string text, int begin, int end)
    {
        var from = begin;
        while (from > 0 && text[from - 1] is ' ' or '\t')
            from--;
        var to = end;
        while (to < text.Length && text[to] is ' ' or '\t')
            to++;
        var isAlone = (from == 0 || text[from - 1] == '\n') && (to == text.Length || text[to] == '\n');
        return isAlone ? (from, Math.Min(text.Length, to + 1)) : (begin, end);
    }

    private SourceSpan Place(string text, int offset)
    {
        var before = text.AsSpan(0, offset);
        return new(file, before.Count('\n') + 1, offset - before.LastIndexOf('\n'));
    }
}
