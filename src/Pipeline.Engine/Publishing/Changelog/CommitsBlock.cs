using System.Text;
using Pipeline.Engine.Git;

namespace Pipeline.Engine.Publishing.Changelog;

/// <summary>The commits that touched the image since the release before.</summary>
internal static class CommitsBlock
{
    public static string Write(ReleaseNotesInput input)
    {
        var text = new StringBuilder();
        var links = new RepositoryLinks(input.RepositoryAddress);
        if (input.Commits is { } commits && input.Old?.Commit is { } since)
        {
            text.Append($"{(commits.IsEmpty ? "None touched" : "These touched")} this image since {links.Range(since, input.New.Commit)}.\n");
            text.Append(commits.IsEmpty ? "" : "\n");
            foreach (var commit in commits)
                text.Append($"- {links.Commit(commit)} {links.Subject(commit.Subject, input.PullRequests.TryGetValue(commit.Hash, out var number) ? number : null)}\n");
            if (commits.Length >= GitRepository.CommitLimit)
                text.Append($"- and more; only the newest {GitRepository.CommitLimit} are listed\n");
        }
        if (input.HasUncommittedChanges)
            text.Append($"{(text.Length > 0 ? "\n" : "")}The repository had changes that were not committed.\n");
        return text.ToString().TrimEnd('\n');
    }
}
