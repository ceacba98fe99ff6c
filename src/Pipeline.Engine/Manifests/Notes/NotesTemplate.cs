using System.Collections.Immutable;
using System.Text;

namespace Pipeline.Engine.Manifests.Notes;

/// <summary>
/// The text of release notes with places to be filled: <c>{{name}}</c>; parts that are only there where a name has a value,
/// <c>{{#name}}…{{/name}}</c>, or has none, <c>{{^name}}…{{/name}}</c>; remarks, <c>{{! … }}</c>. Nothing else: no loops,
/// no files, no code.
/// </summary>
public sealed record NotesTemplate(ImmutableArray<NotesNode> Nodes)
{
    /// <summary>Every name, and what stands there.</summary>
    public static readonly ImmutableSortedDictionary<string, string> Names = ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal,
    [
        KeyValuePair.Create("base", "tables of what the images stand on, before and now"),
        KeyValuePair.Create("commits", "the commits that touched the image since the release before"),
        KeyValuePair.Create("description", "the description of the manifest"),
        KeyValuePair.Create("differences", "what changed in the manifest and its boards, in words"),
        KeyValuePair.Create("files", "the table of files"),
        KeyValuePair.Create("follows", "one sentence about the release before"),
        KeyValuePair.Create("highlights", "kernel, bootloader, firmware and chosen packages that changed"),
        KeyValuePair.Create("image", "the image's name"),
        KeyValuePair.Create("layers", "how much of the container is new"),
        KeyValuePair.Create("packages", "what became of the packages"),
        KeyValuePair.Create("previous", "the version of the release before; nothing for the first"),
        KeyValuePair.Create("verify", "how to check the files"),
        KeyValuePair.Create("version", "the version"),
        KeyValuePair.Create("why", "why each board was built"),
    ]);

    /// <param name="values">One for each of <see cref="Names"/>; empty for nothing.</param>
    public string Render(IReadOnlyDictionary<string, string> values)
    {
        var text = new StringBuilder();
        Render(Nodes, values, text);
        return text.ToString();
    }

    private static void Render(ImmutableArray<NotesNode> nodes, IReadOnlyDictionary<string, string> values, StringBuilder text)
    {
        foreach (var node in nodes)
        {
            switch (node)
            {
                case NotesText literal:
                    text.Append(literal.Text);
                    break;
                case NotesValue value:
                    text.Append(values[value.Name]);
                    break;
                case NotesPart part when part.IsForNothing == (values[part.Name].Length == 0):
                    Render(part.Nodes, values, text);
                    break;
            }
        }
    }
}

public abstract record NotesNode;

public sealed record NotesText(string Text) : NotesNode;

public sealed record NotesValue(string Name) : NotesNode;

/// <param name="IsForNothing">Shown where the name has no value, in place of where it has one.</param>
public sealed record NotesPart(string Name, bool IsForNothing, ImmutableArray<NotesNode> Nodes) : NotesNode;
