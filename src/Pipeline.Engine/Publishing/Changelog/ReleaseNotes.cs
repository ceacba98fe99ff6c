using System.Collections.Immutable;
using System.Globalization;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Git;
using Pipeline.Engine.Manifests.Notes;
using Pipeline.Engine.Planning;
using Pipeline.Engine.Publishing.Packages;

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

    /// <summary>Of commits that came with a merge, by hash.</summary>
    public ImmutableDictionary<string, int> PullRequests { get; init; } = ImmutableDictionary<string, int>.Empty;

    public bool HasUncommittedChanges { get; init; }

    /// <summary>The repository's page on GitHub, without a slash at its end; null for any other repository.</summary>
    public string? RepositoryAddress { get; init; }

    /// <summary>In order of platform; empty where nobody read packages.</summary>
    public ImmutableArray<PlatformPackages> Platforms { get; init; } = [];

    /// <summary>Patterns of the repository's.</summary>
    public ImmutableArray<string> Highlights { get; init; } = [];
}

/// <summary>
/// The text of a release, in Markdown: why it was made, what it stands on, what became of its packages, what changed in the
/// repository, its files. Pure; the same input gives the same bytes, and no clock or place is in it.
/// </summary>
public static class ReleaseNotes
{
    /// <summary>The text where a repository has none of its own; also where to begin with one.</summary>
    public const string StandardTemplate = """
        # {{image}} {{version}}
        {{#description}}

        {{description}}
        {{/description}}

        {{follows}}
        {{#highlights}}

        ## Highlights

        {{highlights}}
        {{/highlights}}

        ## Why

        {{why}}
        {{#base}}

        ## Base

        {{base}}
        {{/base}}
        {{#layers}}

        {{layers}}
        {{/layers}}
        {{#packages}}

        ## Packages

        {{packages}}
        {{/packages}}
        {{#differences}}

        ## Settings

        {{differences}}
        {{/differences}}
        {{#commits}}

        ## Commits

        {{commits}}
        {{/commits}}

        ## Files

        {{files}}

        {{verify}}

        """;

    public static NotesTemplate Standard { get; } = new NotesTemplateReader("release-notes.md", new DiagnosticBag()).Read(StandardTemplate);

    public static string Write(ReleaseNotesInput input, NotesTemplate? template = null) => (template ?? Standard).Render(new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["base"] = BaseSection.Write(input),
        ["commits"] = CommitsBlock.Write(input),
        ["description"] = string.IsNullOrWhiteSpace(input.Description) ? "" : Markdown.Escape(input.Description),
        ["differences"] = DifferencesBlock.Write(input),
        ["files"] = FilesBlock.Write(input),
        ["follows"] = Follows(input.New),
        ["highlights"] = HighlightsBlock.Write(input),
        ["image"] = Markdown.Escape(input.New.Image),
        ["layers"] = LayersBlock.Write(input),
        ["packages"] = PackagesBlock.Write(input),
        ["previous"] = input.New.Previous ?? "",
        ["verify"] = $"Check them with `sha256sum -c {ReleaseDocuments.Checksums}`.",
        ["version"] = input.New.Version,
        ["why"] = WhyBlock.Write(input),
    });

    /// <summary>An image that was held back for long says so: everything since then is in this release.</summary>
    private static string Follows(ReleaseRecord record)
    {
        if (record.Previous is not { } previous)
            return "The first release.";
        if (!ReleaseVersion.TryParse(previous, out var old) || !ReleaseVersion.TryParse(record.Version, out var now) || now.Day.DayNumber - old.Day.DayNumber < 2)
            return $"Follows {previous}.";
        return string.Create(CultureInfo.InvariantCulture, $"Follows {previous}, {now.Day.DayNumber - old.Day.DayNumber} days later.");
    }
}
