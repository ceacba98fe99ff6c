using Pipeline.Core.Diagnostics;

namespace Pipeline.Engine.Git;

/// <summary>PL35xx: what keeps a commit from being read.</summary>
public static class GitRules
{
    public static readonly Rule NoGit =
        new("PL3501", Severity.Error, "'{0}' cannot be read at a commit ({1}); it must be a repository of git, and git must be installed");

    public static readonly Rule NoCommit =
        new("PL3502", Severity.Error, "there is no commit '{0}' in '{1}'; {2}");

    public static readonly Rule TooLarge =
        new("PL3503", Severity.Error, "commit {0} holds more than {1}; keep the manifests in a repository, or a folder of it, of their own");

    public static readonly Rule Submodule =
        new("PL3504", Severity.Warning, "'{0}' is a submodule at commit {1}; its files are left out, copy what the images need into the repository");

    public static readonly Rule LargeFilePointer =
        new("PL3505", Severity.Warning, "'{0}' is a pointer of Git LFS at commit {1} and its content is not here; the file is left out, 'git lfs fetch' brings it");

    public static readonly Rule OddEntry =
        new("PL3506", Severity.Error, "'{0}' at commit {1} cannot be written as a file ({2}); rename or remove it");

    public static readonly Rule NoFolder =
        new("PL3507", Severity.Error, "there is no folder '{0}' at commit {1}; name another commit, or the folder that it has with --repo");

    public static readonly Rule NoCommonCommit =
        new("PL3508", Severity.Error, "'{0}' and what is planned have no commit in common here; {1}");

    public static readonly Rule NoDifference =
        new("PL3509", Severity.Error, "what changed in '{0}' since {1} cannot be told; git must be installed and the repository be whole, see 'git status'");

    public static readonly Rule NotFetched =
        new("PL3510", Severity.Warning, "what '{0}' is now could not be fetched ({1}); the manifests are those that were fetched last, and the next run tries again");

    public static readonly Rule NoRemoteBranch =
        new("PL3511", Severity.Error, "'{0}' is no branch of a remote, so there is nothing to fetch; write --ref REMOTE/BRANCH, such as origin/main (remotes here: {1})");
}
