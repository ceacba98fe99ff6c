using System.CommandLine;
using Pipeline.Cli.Reporting;
using Pipeline.Engine.Git;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Publishing;
using Pipeline.Engine.Publishing.GitHub;

namespace Pipeline.Cli.Verbs;

/// <summary><c>pipeline comment</c>: a plan as the one comment on a pull request.</summary>
internal static class CommentVerb
{
    public static Command Create(CommonOptions common)
    {
        var file = new Argument<string>("FILE") { HelpName = "FILE", Description = "What 'pipeline plan --json' printed" };
        var head = new Option<string>("--head") { Required = true, HelpName = "OWNER:BRANCH", Description = "The branch that the pull request comes from" };
        var commit = new Option<string>("--commit") { Required = true, HelpName = "SHA", Description = "The newest commit of that branch when the plan was made" };
        return new VerbCommand("comment", "Show a plan on a pull request on GitHub, in one comment that is replaced each time")
        {
            Notes = "The plan may come from a pull request that nobody looked at yet: all of its text is escaped, and the pull request is\n"
                + "found by its branch and commit, not by a number that the plan could tell.",
            Examples = [("pipeline comment plan.jsonl --head \"$HEAD_BRANCH\" --commit \"$HEAD_SHA\"", "in a workflow that follows the one that planned")],
            ExitCodes =
            [
                (ExitCode.Done, "shown"), (ExitCode.Mend, "the file is no plan, there is no such pull request, or the token may not write to it"),
                (ExitCode.TryAgain, "GitHub could not be reached"),
            ],
        }
        .With(file, head, commit, common.Repository, common.Cache)
        .Does(common, (run, ct) => ActAsync(run, run.Value(file)!, new(run.Value(head)!, run.Value(commit)!), ct));
    }

    private static async Task<ExitCode> ActAsync(Run run, string file, PullRequestHead head, CancellationToken ct)
    {
        if (head.Branch.Split(':', 2) is not [{ Length: > 0 }, { Length: > 0 }])
            throw new UsageException($"--head is '{head.Branch}', expected OWNER:BRANCH");
        if (head.Commit.Length != 40 || !head.Commit.All(char.IsAsciiHexDigit))
            throw new UsageException($"--commit is '{head.Commit}', expected 40 hexadecimal digits");
        var plan = Read(file);
        var connection = new GitHubConnection(new GitHubStore(null, null, LargeFilePolicy.Split), new GitRepository(run.RepositoryPath), Environment.GetEnvironmentVariable);
        try
        {
            using var comments = new PullRequestComments(await connection.FindAsync(ct), new()
            {
                FindPlace = connection.FindAsync,
                CacheDirectory = Path.Combine(run.CachePath, "github"),
                Reporter = run.Teller,
            });
            var address = await comments.ShowAsync(head, PlanMarkdown.Render(plan, PullRequestComments.MaxCharacters - 100), ct);
            run.Results.Write($"shown at {address}", "commented", json => json.WriteString("address", address));
            return ExitCode.Done;
        }
        catch (ReleaseRefusedException e)
        {
            run.Tell([e.Diagnostic]);
            return ExitCode.Mend;
        }
    }

    private static PlanSummary Read(string file)
    {
        try
        {
            return new FileInfo(file).Length <= PlanSummary.MaxBytes
                ? PlanSummary.Parse(File.ReadAllText(file))
                : throw new FormatException($"it is larger than {PlanSummary.MaxBytes >> 20} MiB");
        }
        catch (Exception e) when (e is FormatException or FileNotFoundException or DirectoryNotFoundException)
        {
            throw new UsageException($"'{file}' is no plan: {(e is FormatException ? e.Message : "there is no such file")}");
        }
    }
}
