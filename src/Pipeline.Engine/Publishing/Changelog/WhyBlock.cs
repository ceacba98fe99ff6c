using System.Text;
using Pipeline.Engine.Planning;

namespace Pipeline.Engine.Publishing.Changelog;

/// <summary>Why each target was built, in a few words; the values are told elsewhere.</summary>
internal static class WhyBlock
{
    public static string Write(ReleaseNotesInput input)
    {
        var text = new StringBuilder();
        var built = from target in input.New.Targets.Values
                    where input.Reasons.ContainsKey(target.Id)
                    group target.Id by Describe([.. input.Reasons[target.Id]]);
        foreach (var group in built)
            text.Append($"- {string.Join(", ", group.Select(Markdown.Code))}: {group.Key}\n");
        foreach (var target in input.New.Targets.Values.Where(t => !input.Reasons.ContainsKey(t.Id)))
            text.Append($"- {Markdown.Code(target.Id)}: unchanged, carried over from {target.BuiltIn}\n");
        foreach (var gone in (input.Old?.Targets.Keys ?? []).Where(id => !input.New.Targets.ContainsKey(id)))
            text.Append($"- {Markdown.Code(gone)}: no longer part of this image\n");
        return text.ToString().TrimEnd('\n');
    }

    private static string Describe(List<Reason> reasons)
    {
        var words = new List<string>();
        foreach (var reason in reasons.Where(r => r.Kind != ReasonKind.Input))
        {
            words.Add(reason.Kind switch
            {
                ReasonKind.NeverPublished => "first build",
                ReasonKind.Forced => "built again on request",
                _ => $"the release before had lost {Markdown.Code(reason.Input)}",
            });
        }
        var inputs = reasons.Where(r => r.Kind == ReasonKind.Input).Select(r => r.Input).ToList();
        if (inputs.Remove(InputNames.SourceManifest))
            words.Add("a new base");
        if (inputs.Remove(InputNames.EngineFormat))
            words.Add("a newer program, which makes other bytes");
        var fromBoard = inputs.RemoveAll(i => i.StartsWith("board.", StringComparison.Ordinal));
        if (fromBoard > 0)
            words.Add(Count(fromBoard, "of the board"));
        if (inputs.Count > 0)
            words.Add(Count(inputs.Count, "of the manifest"));
        return string.Join("; ", words);
    }

    private static string Count(int count, string of) => count == 1 ? $"a setting {of}" : $"{count} settings {of}";
}
