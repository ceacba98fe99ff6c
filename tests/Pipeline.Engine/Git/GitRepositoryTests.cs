using System.Diagnostics;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Git;

public sealed class GitRepositoryTests : IDisposable
{
    private readonly TempDir _temp = new();
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task Commits_that_touched_the_paths_since_the_last_release_newest_first()
    {
        Git("init", "-q", "-b", "main");
        Commit("images/kiosk/image.yaml", "Add the kiosk");
        var since = await new GitRepository(_temp.Path).HeadAsync(Ct);
        Commit("images/kiosk/image.yaml", "Rename the kiosk\n\nwith a body");
        Commit("images/other/image.yaml", "Not this image");
        Commit("boards/pc.yaml", "Widen the \u00fc root; \"quoted\"");

        var log = await new GitRepository(_temp.Path).LogAsync(since!.Commit, ["images/kiosk", "boards/pc.yaml"], Ct);

        log!.Value.Select(c => c.Subject).ShouldBe(["Widen the \u00fc root; \"quoted\"", "Rename the kiosk"]);
        log.Value[0].ShortHash.Length.ShouldBe(10);
    }

    [Fact]
    public async Task Commits_that_came_with_a_merge_know_their_pull_request()
    {
        Git("init", "-q", "-b", "main");
        Commit("a", "First");
        var git = new GitRepository(_temp.Path);
        var since = (await git.HeadAsync(Ct))!.Commit;
        Git("checkout", "-q", "-b", "topic");
        Commit("b", "On the topic");
        Git("checkout", "-q", "main");
        Commit("a", "On main (#1)");
        Git("checkout", "-q", "topic");
        Git("merge", "-q", "-m", "Merge branch 'main' into topic", "main");
        Commit("b", "More on the topic");
        Git("checkout", "-q", "main");
        Git("merge", "-q", "--no-ff", "-m", "Merge pull request #12 from somebody/topic", "topic");
        Git("checkout", "-q", "-b", "other", since);
        Commit("c", "On another");
        Git("checkout", "-q", "main");
        Git("merge", "-q", "--no-ff", "-m", "Merge branch 'other'", "other");
        Commit("a", "Straight to main");

        var log = (await git.LogAsync(since, ["a", "b", "c"], Ct))!.Value;
        var found = await git.PullRequestsAsync(since, Ct);

        log.ToDictionary(c => c.Subject, c => found.GetValueOrDefault(c.Hash)).ShouldBe(
            new Dictionary<string, int> { ["Straight to main"] = 0, ["On another"] = 0, ["More on the topic"] = 12, ["On the topic"] = 12, ["On main (#1)"] = 0 }, ignoreOrder: true);
        (await git.PullRequestsAsync("--all", Ct)).ShouldBeEmpty();
        (await git.PullRequestsAsync(new('0', 40), Ct)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Paths_are_literal_and_since_is_a_hash()
    {
        Git("init", "-q", "-b", "main");
        Commit("a", "First");
        var since = (await new GitRepository(_temp.Path).HeadAsync(Ct))!.Commit;
        Commit("b", "Second");
        (await new GitRepository(_temp.Path).LogAsync(since, [":(glob)**"], Ct))!.Value.ShouldBeEmpty();
        (await new GitRepository(_temp.Path).LogAsync("--all", ["a"], Ct)).ShouldBeNull();
        (await new GitRepository(_temp.Path).LogAsync(new('0', 40), ["a"], Ct)).ShouldBeNull("a history that was cut");
    }

    [Fact]
    public async Task Changes_that_are_not_committed_make_it_dirty_and_ignored_files_do_not()
    {
        Git("init", "-q", "-b", "main");
        Commit(".gitignore", "Ignore releases");
        var git = new GitRepository(_temp.Path);
        (await git.HeadAsync(Ct))!.IsDirty.ShouldBeFalse();
        Directory.CreateDirectory(_temp["releases"]);
        File.WriteAllText(_temp["releases/x"], "x");
        (await git.HeadAsync(Ct))!.IsDirty.ShouldBeFalse();
        File.WriteAllText(_temp["new"], "x");
        (await git.HeadAsync(Ct))!.IsDirty.ShouldBeTrue();
    }

    [Fact]
    public async Task Without_a_repository_or_a_commit_there_is_no_head()
    {
        var git = new GitRepository(_temp.Path);
        (await git.HeadAsync(Ct)).ShouldBeNull();
        Git("init", "-q");
        (await git.HeadAsync(Ct)).ShouldBeNull();
    }

    [Fact]
    public async Task A_monitor_that_the_repository_names_is_not_run()
    {
        Git("init", "-q", "-b", "main");
        Commit(".gitignore", "First");
        File.WriteAllText(_temp["monitor"], $"#!/bin/sh\ntouch {_temp["ran"]}\n");
        Tool.Require("chmod", "u+x", _temp["monitor"]);
        Git("config", "core.fsmonitor", _temp["monitor"]);
        Git("status");
        File.Exists(_temp["ran"]).ShouldBeTrue("git itself runs it: the trap is real");
        File.Delete(_temp["ran"]);
        await new GitRepository(_temp.Path).HeadAsync(Ct);
        File.Exists(_temp["ran"]).ShouldBeFalse();
    }

    private void Commit(string path, string message)
    {
        var file = _temp[path];
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.AppendAllText(file, path == ".gitignore" ? "releases/\n" : message);
        Git("add", "-A");
        Git("commit", "-q", "-m", message);
    }

    private void Git(params string[] arguments)
    {
        var start = new ProcessStartInfo("git", ["-c", "user.name=t", "-c", "user.email=t@example.invalid", .. arguments]) { WorkingDirectory = _temp.Path };
        var result = Tool.Run(start);
        result.ExitCode.ShouldBe(0, result.Output);
    }
}
