using System.Text;

namespace Pipeline.Engine.Publishing.GitHub;

/// <summary>The text of a release: the changelog, how large files are put together, and what machines read.</summary>
internal static class ReleaseBody
{
    private const string Cut = $"\n\n*This text was too long for GitHub; the whole one is the file `{ReleaseDocuments.Changelog}` of this release.*\n";

    private const string Closed = "\n\n</details>";

    public static string Write(string notes, IReadOnlyList<LargeFile> large, ReleaseMarker marker, int limitCharacters)
    {
        var end = Join(large) + "\n" + marker.Write() + "\n";
        var room = limitCharacters - end.Length;
        return (notes.Length <= room ? notes : Shorten(notes, room - Cut.Length - Closed.Length) + Cut) + end;
    }

    private static string Shorten(string notes, int characters)
    {
        if (characters <= 0)
            return "";
        var line = notes.LastIndexOf('\n', characters - 1);
        var kept = line < 0 ? "" : notes[..line];
        // What folds must end, or it would swallow what follows.
        return kept.LastIndexOf("<details>", StringComparison.Ordinal) > kept.LastIndexOf("</details>", StringComparison.Ordinal) ? kept + Closed : kept;
    }

    private static string Join(IReadOnlyList<LargeFile> large)
    {
        if (large.Count == 0)
            return "";
        var text = new StringBuilder("\n## Large files\n\nGitHub takes files of less than 2 GiB. These commands put the large ones together:\n\n```\n");
        foreach (var file in large)
            text.Append(file.Command).Append('\n');
        return text.Append($"sha256sum -c --ignore-missing {ReleaseDocuments.Checksums}\n```\n").ToString();
    }
}
