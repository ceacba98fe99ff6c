using System.Text.RegularExpressions;
using Pipeline.Engine.Git;

namespace Pipeline.Engine.Publishing.Changelog;

/// <summary>Commits and pull requests as links, where the repository's pages are known; as plain words where they are not.</summary>
/// <param name="address">Of the repository on GitHub, without a slash at its end; null for any other.</param>
internal sealed partial class RepositoryLinks(string? address)
{
    public string Commit(GitCommit commit) => Link(Markdown.Code(commit.ShortHash), "commit/" + commit.Hash);

    /// <summary>All that came between two commits.</summary>
    public string Range(string since, string? until)
    {
        var words = Markdown.Code(since[..Math.Min(10, since.Length)]);
        return until is null ? words : Link(words, $"compare/{since}...{until}");
    }

    public string PullRequest(int number) => address is null ? "&#35;" + number : Link("#" + number, $"pull/{number}");

    /// <summary>A subject, escaped, with the number that GitHub puts behind it, <c>(#12)</c>, as a link.</summary>
    /// <param name="pullRequest">The one that a merge brought it with; told where the subject does not tell it.</param>
    public string Subject(string subject, int? pullRequest)
    {
        var text = Markdown.Escape(subject);
        if (address is not null)
            text = Number().Replace(text, m => $"({PullRequest(int.Parse(m.Groups[1].ValueSpan, System.Globalization.CultureInfo.InvariantCulture))})");
        return pullRequest is { } number && !subject.Contains($"(#{number})", StringComparison.Ordinal) ? $"{text} ({PullRequest(number)})" : text;
    }

    private string Link(string words, string place) => address is null ? words : $"[{words}]({address}/{place})";

    [GeneratedRegex(@"\(&#35;(\d{1,9})\)")]
    private static partial Regex Number();
}
