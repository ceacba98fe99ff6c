using System.Collections.Immutable;
using System.Text;
using Pipeline.Engine.Git;
using Pipeline.Engine.Planning;

namespace Pipeline.Engine.Publishing.Changelog;

/// <summary>All that a release's text is made of.</summary>
/// <param name="Old">The release before; null for the first, or where its record cannot be read.</param>
public sealed record ReleaseNotesInput(ReleaseRecord New, ReleaseRecord? Old, string Description)
{
    /// <summary>By target id, for those built now; the others were carried over.</summary>
    public ImmutableDictionary<string, ImmutableArray<Reason>> Reasons { get; init; } =
        ImmutableDictionary<string, ImmutableArray<Reason>>.Empty;

    /// <summary>That touched the image since the old release, newest first; null where this is not known.</summary>
    public ImmutableArray<GitCommit>? Commits { get; init; }

    public bool HasUncommittedChanges { get; init; }
}

/// <summary>
/// The text of a release, in Markdown: why it was made, what it stands on, what changed in the repository, its files.
/// Pure; the same input gives the same bytes, and no clock or place is in it.
/// </summary>
public static class ReleaseNotes
{
    public static string Write(ReleaseNotesInput input)
    {
        var text = new StringBuilder();
        text.Append($"# {Markdown.Escape(input.New.Image)} {input.New.Version}\n");
        if (!string.IsNullOrWhiteSpace(input.Description))
            text.Append($"\n{Markdown.Escape(input.Description)}\n");
        text.Append(input.New.Previous is { } previous ? $"\nFollows {previous}.\n" : "\nThe first release.\n");
        WriteWhy(text, input);
        BaseSection.Write(text, input);
        WriteCommits(text, input);
        WriteFiles(text, input);
        return text.ToString();
    }

    private static void WriteWhy(StringBuilder text, ReleaseNotesInput input)
    {
        text.Append("\n## Why\n\n");
        var built = from target in input.New.Targets.Values
                    where input.Reasons.ContainsKey(target.Id)
                    group target.Id by string.Join('\n', input.Reasons[target.Id].Select(Describe));
        foreach (var group in built)
        {
            text.Append($"- {string.Join(", ", group.Select(Markdown.Code))}:");
            var reasons = group.Key.Split('\n');
            text.Append(reasons is [var only] ? $" {only}\n" : string.Concat(reasons.Select(r => $"\n  - {r}")) + "\n");
        }
        foreach (var target in input.New.Targets.Values.Where(t => !input.Reasons.ContainsKey(t.Id)))
            text.Append($"- {Markdown.Code(target.Id)}: unchanged, carried over from {target.BuiltIn}\n");
        foreach (var gone in (input.Old?.Targets.Keys ?? []).Where(id => !input.New.Targets.ContainsKey(id)))
            text.Append($"- {Markdown.Code(gone)}: no longer part of this image\n");
    }

    private static string Describe(Reason reason) => reason.Kind switch
    {
        ReasonKind.NeverPublished => "first build",
        ReasonKind.Forced => "built again on request",
        ReasonKind.FileLost => $"the release before had lost {Markdown.Code(reason.Input)}",
        _ => $"{Markdown.Code(reason.Input)} {Value(reason.Old)} → {Value(reason.New)}",
    };

    private static string Value(string? value) => value is null ? "(none)" : Markdown.Code(Reason.Show(value));

    private static void WriteCommits(StringBuilder text, ReleaseNotesInput input)
    {
        if (input.Commits is { } commits && input.Old?.Commit is { } since)
        {
            var range = Markdown.Code(since[..Math.Min(10, since.Length)]);
            text.Append($"\n## Commits\n\n{(commits.IsEmpty ? "None touched" : "These touched")} this image since {range}.\n");
            text.Append(commits.IsEmpty ? "" : "\n");
            foreach (var commit in commits)
                text.Append($"- {Markdown.Code(commit.ShortHash)} {Markdown.Escape(commit.Subject)}\n");
            if (commits.Length >= GitRepository.CommitLimit)
                text.Append($"- and more; only the newest {GitRepository.CommitLimit} are listed\n");
        }
        if (input.HasUncommittedChanges)
            text.Append("\nThe repository had changes that were not committed.\n");
    }

    private static void WriteFiles(StringBuilder text, ReleaseNotesInput input)
    {
        var before = (input.Old?.Files ?? []).ToDictionary(f => f.Name, StringComparer.Ordinal);
        text.Append("\n## Files\n\n| file | size | change | sha256 |\n| --- | ---: | ---: | --- |\n");
        foreach (var file in input.New.Files)
        {
            var change = Change(before.GetValueOrDefault(file.Name), file);
            text.Append($"| {Markdown.CodeCell(file.Name)} | {file.Size} | {change} | {Markdown.CodeCell(file.Sha256.Hex)} |\n");
        }
        text.Append($"\nCheck them with `sha256sum -c {ReleaseDocuments.Checksums}`.\n");
    }

    private static string Change(ReleaseFile? old, ReleaseFile file)
    {
        if (old is null)
            return "new";
        if (old.Sha256 == file.Sha256)
            return "same";
        var difference = file.Size.Bytes - old.Size.Bytes;
        var size = new Core.Units.ByteSize(Math.Abs(difference));
        return difference == 0 ? "same size" : $"{(difference > 0 ? '+' : '\u2212')}{size}";
    }
}
