using Pipeline.Core.Diagnostics;

namespace Pipeline.Engine.Publishing.GitHub;

/// <summary>PL51xx: what keeps GitHub from taking a release.</summary>
public static class GitHubRules
{
    public static readonly Rule NoRepository =
        new("PL5101", Severity.Error, "no GitHub repository is known for releases; set releases.github.repository to OWNER/NAME, or give git a remote 'origin' that is one");

    public static readonly Rule NoToken =
        new("PL5102", Severity.Error, "{0} needs a token to publish; set GITHUB_TOKEN (or PIPELINE_GITHUB_TOKEN, PIPELINE_GITHUB_TOKEN_FILE), or sign in with 'gh auth login'");

    public static readonly Rule TokenRefused =
        new("PL5103", Severity.Error, "{0} does not accept the token of {1}; it has ended, was revoked or belongs to another host: make a new one");

    public static readonly Rule Forbidden =
        new("PL5104", Severity.Error, "{0} does not let the token of {1} {2} ({3}); it needs the permission 'Contents: write' (in a workflow 'permissions: contents: write')");

    public static readonly Rule NotFound =
        new("PL5105", Severity.Error, "{0} says that what is needed to {1} does not exist; check releases.github.repository, and that the token may see it (GitHub says 'not found' for what a token may not see)");

    public static readonly Rule Invalid =
        new("PL5106", Severity.Error, "{0} refuses to {1}: {2}");

    public static readonly Rule WorkflowTrap =
        new("PL5107", Severity.Error, "{0} says 'not found' to a release at commit {1}: a token without the permission 'Workflows: write' cannot release a commit whose workflows differ from the default branch; push the commit to the default branch first");

    public static readonly Rule ForeignAddress =
        new("PL5108", Severity.Error, "{0} names the address '{1}' in an answer, which is not of the same service; the token is not sent there");

    public static readonly Rule FileTooLarge =
        new("PL5109", Severity.Error, "'{0}' has {1}, and GitHub takes files of less than {2}; pack it (outputs: compression), or set releases.github.large to split or recompress");

    public static readonly Rule TooManyFiles =
        new("PL5110", Severity.Error, "the release of image '{0}' would have {1} files, and GitHub takes {2}; give it fewer boards or outputs, or split the image");

    public static readonly Rule ImageName =
        new("PL5111", Severity.Error, "image '{0}' cannot have a tag on GitHub, because git allows no '..' in one; rename its folder");

    public static readonly Rule RateLimited =
        new("PL5112", Severity.Error, "{0} has reached its rate limit for us and asks to wait until {1} UTC; run again then");

    public static readonly Rule Renamed =
        new("PL5113", Severity.Error, "GitHub renamed the file '{0}' to '{1}'; the release stays a draft, report this as a bug");

    public static readonly Rule Moved =
        new("PL5114", Severity.Error, "{0} was moved or renamed on GitHub; set releases.github.repository to its new name");

    public static readonly Rule OddAnswer =
        new("PL5115", Severity.Error, "{0} answered what cannot be read ({1}); is releases.github.api the address of GitHub's REST API?");

    public static readonly Rule TokenFile =
        new("PL5116", Severity.Error, "the token file '{0}' of PIPELINE_GITHUB_TOKEN_FILE cannot be used ({1}); it holds the token in one line and nothing else");

    public static readonly Rule InsecureApi =
        new("PL5117", Severity.Error, "releases.github.api is '{0}', which is not encrypted; use https (loopback addresses need none)");

    public static readonly Rule NoPullRequest =
        new("PL5118", Severity.Error, "{0} has no open pull request from {1} whose newest commit is {2}; it was closed, or more was pushed to it meanwhile");

    public static readonly Rule CommentForbidden =
        new("PL5119", Severity.Error, "{0} does not let the token of {1} write to pull request #{2}; it needs the permission 'Pull requests: write' (in a workflow 'permissions: pull-requests: write')");

    public static readonly Rule ScheduleOff =
        new("PL5120", Severity.Warning, "GitHub does not run the workflow '{0}' ({1}), so nothing is rebuilt by schedule; enable it at {2}");
}
