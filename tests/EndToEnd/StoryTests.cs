using System.Text.RegularExpressions;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.EndToEnd;

/// <summary>
/// What happens to a fork in its first days, with the steps of the shipped workflows, real git repositories, a real registry
/// and a GitHub that keeps state.
/// </summary>
public sealed class StoryTests : IClassFixture<RegistryFixture>, IAsyncDisposable
{
    private readonly RegistryFixture _fixture;
    private readonly FakeGitHub _github = FakeGitHub.Start();
    private readonly Fleet _fleet;
    private readonly TempDir _machine = new();
    private readonly string _prefix = $"story-{Guid.NewGuid():n}";

    public StoryTests(RegistryFixture fixture)
    {
        _fixture = fixture;
        _fleet = new Fleet(fixture.Registry);
        PipelineProcess.PutOnPath(_machine["bin"]);
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        _fleet.Dispose();
        _machine.Dispose();
        await _github.DisposeAsync();
    }

    [Fact]
    public async Task A_fork_releases_reviews_merges_follows_its_base_and_refuses_a_broken_manifest()
    {
        await PushAsync("steady", "one");
        await PushAsync("moving", "one");
        _fleet.AddImage("steady", $"{_prefix}/steady").AddImage("moving", $"{_prefix}/moving");
        // A fork brings the tool's own configuration along: releases in a directory. The workflow says where they go.
        _fleet.Commit("My two images");
        _github.State.Workflows["Release"] = "disabled_fork";

        var first = Release("push");
        first.IsGood.ShouldBeTrue(first.Output);
        Tags().ShouldBe(["moving", "steady"]);
        first.Summary.ShouldContain("| moving | **released** | ");
        first.Output.ShouldContain("PL5120");
        first.Output.ShouldNotContain(FakeGitHub.Token);
        _github.State.Workflows["Release"] = "active";

        PullRequestAddsABoard();

        var merged = Release("push");
        merged.IsGood.ShouldBeTrue(merged.Output);
        merged.Output.ShouldNotContain("PL5120");
        Tags().ShouldBe(["moving", "moving", "steady"]);
        _github.State.Published.Last()["moving-second.img"].ShouldNotBeNull();

        await PushAsync("steady", "two");
        Release("schedule").IsGood.ShouldBeTrue();
        Tags().ShouldBe(["moving", "moving", "steady", "steady"]);
        Release("schedule").IsGood.ShouldBeTrue();
        Tags().Count.ShouldBe(4);

        ByHand();

        UpstreamMoves();

        BrokenManifest();
        _github.State.Drafts.ShouldBeEmpty();
        _github.ShouldBeWhole("at the end");
        _github.Complaints.ShouldBeEmpty();
    }

    /// <summary>A repository of its own, which calls the workflow of the tool's: no secret, and no edit but the manifest (and here a board that is cheap to build).</summary>
    [Fact]
    public async Task A_repository_that_init_made_releases_its_first_image()
    {
        await PushAsync("steady", "one");
        var root = _machine["new"];
        var made = Pipeline("init", root, "--name", "kiosk", "--from", $"{_fixture.Registry.Host}/{_prefix}/steady:1", "--workflow", "acme/pipeline@main");
        made.ExitCode.ShouldBe(0, made.Output);
        var manifest = Path.Combine(root, "images/kiosk/image.yaml");
        File.WriteAllText(manifest, Regex.Replace(File.ReadAllText(manifest), @"boards: \[.*\]", "boards: [plain]"));
        Directory.CreateDirectory(Path.Combine(root, "boards"));
        File.Copy(Path.Combine(_fleet.RootPath, "boards/plain.yaml"), Path.Combine(root, "boards/plain.yaml"));
        Tool.Require("git", "init", "-q", root);
        Tool.Require("git", "-C", root, "add", "-A");
        Tool.Require("git", "-C", root, "-c", "user.name=T", "-c", "user.email=t@t.invalid", "commit", "-q", "-m", "The first image");

        var called = Workflow.Read(Path.Combine(root, ".github/workflows/release.yml"));
        called.PermissionsOf("release").GetValueOrDefault("contents").ShouldBe("write");
        var released = Run("reconcile", "reconcile", run =>
        {
            foreach (var (name, value) in new[] { ("image", ""), ("force", "false"), ("releases", "github"), ("tool", "acme/pipeline"), ("tool-ref", "main") })
                run.Expressions["inputs." + name] = value;
            (run.Expressions["inputs.tool != ''"], run.Expressions["inputs.tool == ''"]) = ("true", "false");
        }, root);
        released.IsGood.ShouldBeTrue(released.Output);
        Tags().ShouldBe(["kiosk"]);
        released.Summary.ShouldContain("| kiosk | **released** | ");
        _github.ShouldBeWhole("at the end");
        _github.Complaints.ShouldBeEmpty();
    }

    /// <summary>By hand, one image is built although it is current, and no other.</summary>
    private void ByHand()
    {
        Release("workflow_dispatch", "steady").IsGood.ShouldBeTrue();
        Tags().Count.ShouldBe(4, "it is current");
        var forced = Release("workflow_dispatch", "steady", force: true);
        forced.IsGood.ShouldBeTrue(forced.Output);
        Tags().ShouldBe(["moving", "moving", "steady", "steady", "steady"]);
        Release("workflow_dispatch", "nobody").IsGood.ShouldBeFalse();
    }

    private void PullRequestAddsABoard()
    {
        var board = File.ReadAllText(Path.Combine(_fleet.RootPath, "boards/plain.yaml"));
        Git("checkout", "-q", "-b", "second-board");
        _fleet.Write("boards/second.yaml", board.Replace("A disk", "Another disk", StringComparison.Ordinal));
        var manifest = File.ReadAllText(Path.Combine(_fleet.RootPath, "images/moving/image.yaml"));
        _fleet.Write("images/moving/image.yaml", manifest.Replace("[plain]", "[plain, second]", StringComparison.Ordinal));
        _fleet.Commit("A second board");
        var commit = Git("rev-parse", "HEAD");
        _github.State.PullRequests.Add(new(7, "guest:second-board", commit));

        var checkedOut = PullRequest();
        checkedOut.IsGood.ShouldBeTrue(checkedOut.Output);
        checkedOut.Summary.ShouldContain("| moving | second | disk | **stale** | never published |");
        Comment("guest:second-board", commit).IsGood.ShouldBeTrue();
        Comment("guest:second-board", commit).IsGood.ShouldBeTrue();
        var comment = _github.State.Comments.ShouldHaveSingleItem();
        comment.Number.ShouldBe(7);
        comment.Body.ShouldContain("3 targets: 2 current, 1 stale");
        comment.Body.ShouldContain("| moving | second | disk | **stale** | never published |");
        SecondPush(comment);
        Git("checkout", "-q", "-");
        Git("merge", "-q", "--ff-only", "second-board");
    }

    /// <summary>The author pushes again: the same comment says what holds now.</summary>
    private void SecondPush(FakeComment before)
    {
        _fleet.Write("boards/second.yaml", File.ReadAllText(Path.Combine(_fleet.RootPath, "boards/second.yaml")).Replace("Another disk", "One more disk", StringComparison.Ordinal));
        _fleet.Write("images/steady/image.yaml", File.ReadAllText(Path.Combine(_fleet.RootPath, "images/steady/image.yaml")).Replace("hostname: steady", "hostname: sturdy", StringComparison.Ordinal));
        _fleet.Commit("And another host name");
        var commit = Git("rev-parse", "HEAD");
        _github.State.PullRequests[0] = _github.State.PullRequests[0] with { Commit = commit };
        PullRequest().IsGood.ShouldBeTrue();
        Comment("guest:second-board", commit).IsGood.ShouldBeTrue();
        var now = _github.State.Comments.ShouldHaveSingleItem();
        now.Id.ShouldBe(before.Id);
        now.Body.ShouldContain("3 targets: 1 current, 2 stale");
        now.Body.ShouldContain("| steady | plain | disk | **stale** | customize.hostname steady → sturdy |");
        Git("reset", "-q", "--hard", "HEAD~1");
        // What is late is not shown: the newer push has a plan of its own.
        Comment("guest:second-board", Git("rev-parse", "HEAD")).Output.ShouldContain("PL5118");
        _github.State.Comments.ShouldHaveSingleItem().Body.ShouldBe(now.Body);
    }

    /// <summary>A variant of somebody else's image: pinned, told when the upstream moves, and rebuilt when the pin does.</summary>
    private void UpstreamMoves()
    {
        var upstream = new GitFixture(_machine["upstream"]);
        upstream.Write("images/base/image.yaml", $"description: upstream\nsource: {_fixture.Registry.Host}/{_prefix}/moving:1\nboards: [plain]\noutputs: [disk]\n").Commit("One");
        var remote = $"git+file://{upstream.Directory}";
        _fleet.Write("images/variant/image.yaml", $"extends: {remote}//images/base\ncustomize:\n  hostname: variant\n");
        Update().Output.ShouldContain("is pinned to");
        _fleet.Commit("Follow an upstream");
        Release("push").IsGood.ShouldBeTrue();
        Tags().Count(t => t == "variant").ShouldBe(1);

        upstream.Write("images/base/image.yaml", File.ReadAllText(Path.Combine(upstream.Directory, "images/base/image.yaml")) + "customize:\n  timezone: Europe/Paris\n").Commit("Two");
        var told = PullRequest();
        told.IsGood.ShouldBeTrue(told.Output);
        told.Summary.ShouldContain("4 current");
        told.Summary.ShouldContain("has moved on: ");
        var moved = Update();
        moved.Output.ShouldContain("customize.timezone");
        _fleet.Commit("Follow the upstream");
        PullRequest().Summary.ShouldContain("| variant | plain | disk | **stale** | customize.timezone");
        Release("push").IsGood.ShouldBeTrue();
        Tags().Count(t => t == "variant").ShouldBe(2);

        ToolResult Update() => Pipeline("update", "--repo", _fleet.RootPath);
    }

    private ToolResult Pipeline(params string[] arguments) => Tool.Run(new System.Diagnostics.ProcessStartInfo(_machine["bin/pipeline"], arguments)
    {
        Environment = { ["XDG_CACHE_HOME"] = _machine["cache"], ["HOME"] = _machine.Path },
    });

    private void BrokenManifest()
    {
        var before = Tags().Count;
        Git("checkout", "-q", "-b", "broken");
        _fleet.Write("images/steady/image.yaml", "description: broken\nsource: oci:none\nboards: [plan]\nsize: 3\n");
        _fleet.Commit("A mistake");
        var commit = Git("rev-parse", "HEAD");
        _github.State.PullRequests.Add(new(8, "guest:broken", commit));
        var refused = PullRequest();
        refused.IsGood.ShouldBeFalse();
        refused.Output.ShouldContain("::error file=images/steady/image.yaml,line=4,");
        refused.Output.ShouldContain("::error file=images/steady/image.yaml,line=3,");
        refused.Summary.ShouldContain("| steady | | | **invalid** | its manifest or pipeline.yaml has mistakes |");
        Comment("guest:broken", commit).IsGood.ShouldBeTrue();
        _github.State.Comments.Last().Body.ShouldContain("**invalid**");

        var released = Release("push");
        released.IsGood.ShouldBeFalse();
        released.Summary.ShouldContain("**invalid**");
        Tags().Count.ShouldBe(before);
    }

    private JobResult PullRequest() => Run("pull-request", "plan");

    private JobResult Comment(string head, string commit) => Run("comment", "comment", run =>
    {
        run.Expressions["github.event.workflow_run.id"] = "1";
        run.Expressions["github.event.workflow_run.head_repository.owner.login"] = head.Split(':')[0];
        run.Expressions["github.event.workflow_run.head_branch"] = head.Split(':')[1];
        run.Expressions["github.event.workflow_run.head_sha"] = commit;
    });

    private JobResult Release(string trigger, string image = "", bool force = false) => Run("reconcile", "reconcile", run =>
    {
        run.Expressions["inputs.image"] = image;
        run.Expressions["inputs.force"] = force ? "true" : "false";
        run.Expressions["inputs.releases"] = "github";
        run.Expressions["inputs.tool != ''"] = "false";
        run.Expressions["inputs.tool == ''"] = "true";
        run.Environment["GITHUB_EVENT_NAME"] = trigger;
    });

    private JobResult Run(string workflow, string job, Action<WorkflowRun>? more = null, string? directory = null)
    {
        var run = new WorkflowRun(directory ?? _fleet.RootPath, _machine["artifacts"]);
        run.Expressions["github.token"] = FakeGitHub.Token;
        foreach (var (name, value) in new (string, string?)[]
        {
            ("GITHUB_ACTIONS", "true"), ("GITHUB_REPOSITORY", $"{FakeGitHub.Owner}/{FakeGitHub.Repository}"), ("GITHUB_API_URL", $"{_github.Address}/api/v3"),
            ("HOME", _machine.Path), ("PATH", $"{_machine["bin"]}:{Environment.GetEnvironmentVariable("PATH")}"), ("XDG_CACHE_HOME", _machine["cache"]),
            ("PIPELINE_GITHUB_TOKEN", null), ("GH_TOKEN", null), ("SOURCE_DATE_EPOCH", null),
        })
        {
            run.Environment[name] = value;
        }
        more?.Invoke(run);
        return run.Run(Workflow.Read(Path.Combine(Documents.RootPath, ".github", "workflows", workflow + ".yml")).Steps(job));
    }

    private List<string> Tags() => [.. _github.State.Published.Select(r => r.Tag[..r.Tag.LastIndexOf('-')]).Order(StringComparer.Ordinal)];

    private string Git(params string[] arguments) =>
        Tool.Require("git", ["-C", _fleet.RootPath, .. arguments]).Trim();

    private async Task PushAsync(string source, string revision) =>
        await _fixture.Registry.PushAsync(_fleet.Layout, _fleet.System("linux/amd64", revision, 62), $"{_prefix}/{source}", "1", Ct);
}
