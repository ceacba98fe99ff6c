using System.Security.Cryptography;
using System.Text;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Units;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Git;

public sealed class GitSnapshotTests : IDisposable
{
    private readonly TempDir _temp = new();
    private readonly GitFixture _git;
    private int _taken;

    public GitSnapshotTests() => _git = new(_temp["repository"]);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _temp.Dispose();

    /// <summary>The judge is git's own checkout of the commit into another directory.</summary>
    [Fact]
    public async Task A_commit_is_written_as_git_would_check_it_out()
    {
        _git.Write("plain.txt", "plain\r\nwith its line ends\n").Write("deep/er/run.sh", "#!/bin/sh\n", isProgram: true).Write("empty", "");
        _git.Write("large.bin", new string('x', 300_000)).Write("odd \u00fc name", "u").Write("-n", "an option?");
        File.CreateSymbolicLink(_git["deep/link"], "er/run.sh");
        File.CreateSymbolicLink(_git["absolute"], "/proc/mounts");
        var commit = _git.Commit("First");
        _git.Write("plain.txt", "changed afterwards");
        var status = _git.Run("status", "--porcelain");

        var snapshot = await TakeAsync(commit);

        snapshot.Diagnostics.ShouldBeEmpty();
        _git.Run("worktree", "add", "-q", "--detach", _temp["judge"], commit);
        Tool.Require("diff", "-r", "--no-dereference", "--exclude=.git", _temp["judge"], snapshot.Value!.RootPath);
        Listing(snapshot.Value.RootPath).ShouldBe(Listing(_temp["judge"]));
        _git.Run("status", "--porcelain").ShouldBe(status, "the work tree is as it was");
        File.WriteAllText(Path.Combine(snapshot.Value.RootPath, "plain.txt"), "flipped");
        Tool.Run("diff", "-r", "--exclude=.git", "--no-dereference", _temp["judge"], snapshot.Value.RootPath).ExitCode.ShouldBe(1, "the judge can say no");
    }

    [Fact]
    public async Task A_folder_of_a_larger_repository_is_read_alone()
    {
        _git.Write("other/big", "elsewhere").Write("os/images/a/image.yaml", "a");
        var commit = _git.Commit("First");
        var snapshot = await new GitRepository(_git["os"]).SnapshotAsync(commit, Target(), SnapshotLimits.Usual, Ct);
        Directory.GetFileSystemEntries(snapshot.Value!.RootPath, "*", SearchOption.AllDirectories).Order().Select(p => Path.GetRelativePath(snapshot.Value.RootPath, p))
            .ShouldBe(["images", "images/a", "images/a/image.yaml"]);

        _git.Run("checkout", "-q", "-b", "later");
        _git.Write("more/x", "x");
        _git.Commit("Second");
        (await new GitRepository(_git["more"]).SnapshotAsync(commit, Target(), SnapshotLimits.Usual, Ct)).Diagnostics.Single().Rule.ShouldBe(GitRules.NoFolder);
    }

    [Theory]
    [InlineData("main")]
    [InlineData("v1")]
    [InlineData("HEAD~1")]
    [InlineData("annotated")]
    public async Task Branches_tags_and_expressions_stand_for_commits(string commitish)
    {
        var first = _git.Commit("First");
        _git.Run("tag", "v1");
        _git.Run("tag", "-a", "-m", "with a message", "annotated");
        if (commitish == "HEAD~1")
            _git.Commit("Second");
        (await new GitRepository(_git.Directory).FindCommitAsync(commitish, Ct)).Value.ShouldBe(first);
        (await new GitRepository(_git.Directory).FindCommitAsync(first[..12], Ct)).Value.ShouldBe(first);
    }

    [Theory]
    [InlineData("nowhere", "fetch it first")]
    [InlineData("--all", "fetch it first")]
    [InlineData("HEAD:file", "fetch it first")]
    [InlineData("", "fetch it first")]
    public async Task What_is_no_commit_is_said(string commitish, string advice)
    {
        _git.Write("file", "f");
        _git.Commit("First");
        var found = await new GitRepository(_git.Directory).FindCommitAsync(commitish, Ct);
        found.Diagnostics.Single().Rule.ShouldBe(GitRules.NoCommit);
        found.Diagnostics.Single().Message.ShouldContain(advice);
    }

    [Fact]
    public async Task A_clone_that_was_cut_says_so()
    {
        var old = _git.Commit("First");
        _git.Commit("Second");
        _git.Run("clone", "-q", "--depth", "1", "file://" + _git.Directory, _temp["shallow"]);
        var found = await new GitRepository(_temp["shallow"]).FindCommitAsync(old, Ct);
        found.Diagnostics.Single().Message.ShouldContain("fetch-depth: 0");
    }

    [Fact]
    public async Task Outside_of_git_it_is_said()
    {
        Directory.CreateDirectory(_temp["bare-folder"]);
        var found = await new GitRepository(_temp["bare-folder"]).FindCommitAsync("main", Ct);
        found.Diagnostics.Single().Rule.ShouldBe(GitRules.NoGit);
    }

    /// <summary>Trees that no honest git writes, and that a server may send.</summary>
    [Theory]
    [InlineData("a\u0001b", "control")]
    [InlineData("..", "leads elsewhere")]
    [InlineData(".GIT", "leads elsewhere")]
    public async Task Names_that_lead_elsewhere_are_refused(string name, string why)
    {
        var blob = _git.Blob("x");
        var commit = _git.CommitTree($"100644 blob {blob}\t{name}");
        var snapshot = await TakeAsync(commit);
        var diagnostic = snapshot.Diagnostics.ShouldHaveSingleItem();
        diagnostic.Rule.ShouldBe(GitRules.OddEntry);
        diagnostic.Message.ShouldContain(why);
        Directory.GetFileSystemEntries(_temp.Path).Select(Path.GetFileName).Order().ShouldBe(["repository", "snapshot0"]);
        Directory.GetFileSystemEntries(_temp["snapshot0"]).ShouldBeEmpty();
    }

    [Fact]
    public async Task Nothing_is_written_through_a_link()
    {
        Directory.CreateDirectory(_temp["outside"]);
        var link = _git.Blob(_temp["outside"]);
        var file = _git.Blob("x");
        var inner = Tool.Run(new System.Diagnostics.ProcessStartInfo("git", ["mktree"]) { WorkingDirectory = _git.Directory }, $"100644 blob {file}\tpwned\n").Stdout.Trim();
        var commit = _git.CommitTree($"120000 blob {link}\tdir", $"040000 tree {inner}\tdir");
        var snapshot = await TakeAsync(commit);
        snapshot.Diagnostics.ShouldAllBe(d => d.Rule == GitRules.OddEntry);
        snapshot.IsOk.ShouldBeFalse();
        Directory.GetFileSystemEntries(_temp["outside"]).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_submodule_is_left_out_and_said()
    {
        var commit = _git.CommitTree($"100644 blob {_git.Blob("x")}\tfile", $"160000 commit {new string('1', 40)}\tvendor");
        var snapshot = await TakeAsync(commit);
        snapshot.IsOk.ShouldBeTrue();
        snapshot.Diagnostics.ShouldHaveSingleItem().Rule.ShouldBe(GitRules.Submodule);
        Directory.GetFileSystemEntries(snapshot.Value!.RootPath).Select(Path.GetFileName).ShouldBe(["file"]);
    }

    [Fact]
    public async Task A_pointer_of_lfs_is_its_content_where_that_was_fetched_and_is_said_where_not()
    {
        var content = "large file\n"u8.ToArray();
        var oid = Convert.ToHexStringLower(SHA256.HashData(content));
        _git.Write("big.bin", $"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {content.Length}\n");
        _git.Write("notes.md", "version https://git-lfs.github.com/spec/v1 is what a pointer begins with\n");
        var commit = _git.Commit("First");
        var missing = await TakeAsync(commit);
        missing.Diagnostics.ShouldHaveSingleItem().Rule.ShouldBe(GitRules.LargeFilePointer);
        Directory.GetFileSystemEntries(missing.Value!.RootPath).Select(Path.GetFileName).ShouldBe(["notes.md"]);

        var stored = _git[$".git/lfs/objects/{oid[..2]}/{oid[2..4]}/{oid}"];
        Directory.CreateDirectory(Path.GetDirectoryName(stored)!);
        File.WriteAllBytes(stored, content);
        var there = await TakeAsync(commit);
        there.Diagnostics.ShouldBeEmpty();
        File.ReadAllBytes(Path.Combine(there.Value!.RootPath, "big.bin")).ShouldBe(content);

        File.WriteAllText(stored, "large filE\n");
        (await TakeAsync(commit)).Diagnostics.ShouldHaveSingleItem("damaged content is not taken").Rule.ShouldBe(GitRules.LargeFilePointer);
    }

    [Theory]
    [InlineData(2, 1000, true)]
    [InlineData(1, 1000, false)]
    [InlineData(2, 11, false)]
    [InlineData(2, 12, true)]
    public async Task What_is_too_large_is_refused(int entries, int bytes, bool fits)
    {
        _git.Write("a", "123456").Write("b", "123456");
        var commit = _git.Commit("First");
        var snapshot = await new GitRepository(_git.Directory).SnapshotAsync(commit, Target(), new(entries, new ByteSize(bytes)), Ct);
        snapshot.IsOk.ShouldBe(fits);
        if (!fits)
            snapshot.Diagnostics.Single().Rule.ShouldBe(GitRules.TooLarge);
    }

    [Fact]
    public async Task Objects_in_the_place_of_others_and_filters_of_the_repository_do_not_count()
    {
        _git.Write("file", "as committed");
        var commit = _git.Commit("First");
        var other = _git.Run("commit-tree", "-m", "other", _git.Run("mktree", "--missing"));
        _git.Run("replace", commit, other);
        _git.Run("config", "filter.evil.smudge", $"touch {_temp["ran"]}; cat");
        File.WriteAllText(_git[".git/info/attributes"], "file filter=evil text eol=crlf\n");
        var snapshot = await TakeAsync(commit);
        File.ReadAllText(Path.Combine(snapshot.Value!.RootPath, "file")).ShouldBe("as committed");
        File.Exists(_temp["ran"]).ShouldBeFalse();
    }

    [Fact]
    public async Task The_log_ends_at_the_commit_that_was_read()
    {
        var first = _git.Write("a", "1").Commit("First");
        var second = _git.Write("a", "2").Commit("Second");
        _git.Write("a", "3").Commit("Third");
        _git.Write("a", "not committed");
        var git = new GitRepository(_git.Directory) { Commit = second };
        (await git.HeadAsync(Ct)).ShouldBe(new GitHead(second, IsDirty: false));
        (await git.LogAsync(first, ["a"], Ct))!.Value.Select(c => c.Subject).ShouldBe(["Second"]);
    }

    private async Task<Result<GitSnapshot>> TakeAsync(string commit) =>
        await new GitRepository(_git.Directory).SnapshotAsync(commit, Target(), SnapshotLimits.Usual, Ct);

    private string Target() => Directory.CreateDirectory(_temp["snapshot" + _taken++]).FullName;

    private static string Listing(string root) => PipelineProcess.Bash($"cd '{root}' && find . -name .git -prune -o -type f -printf '%P %m\\n' -o -type l -printf '%P -> %l\\n' | sort");
}
