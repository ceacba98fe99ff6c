using Pipeline.Engine.Manifests.Models;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Publishing.GitHub;

public sealed class PullRequestCommentsTests : IAsyncDisposable
{
    private static readonly string Commit = new('a', 40);
    private readonly FakeGitHub _github = FakeGitHub.Start();
    private readonly TempDir _temp = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        _temp.Dispose();
        await _github.DisposeAsync();
    }

    [Fact]
    public async Task The_comment_of_before_is_replaced_and_nobody_elses()
    {
        _github.State.PullRequests.Add(new(3, "guest:branch", Commit));
        _github.State.Comments.Add(new(1, 3, "<!-- pipeline:plan -->\nnot yours", IsOurs: false));
        await ShowAsync("one");
        await ShowAsync("two");
        _github.State.Comments.Select(c => (c.Body, c.IsOurs)).ShouldBe([("<!-- pipeline:plan -->\nnot yours", false), ("<!-- pipeline:plan -->\ntwo", true)]);
        _github.Complaints.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(GitHubFault.LostAnswer)]
    [InlineData(GitHubFault.BadGatewayAfter)]
    [InlineData(GitHubFault.BadGatewayBefore)]
    public async Task An_answer_that_is_lost_makes_no_second_comment(GitHubFault fault)
    {
        _github.State.PullRequests.Add(new(3, "guest:branch", Commit));
        _github.Plan(fault, "POST", "/comments");
        await ShowAsync("one");
        _github.State.Comments.ShouldHaveSingleItem().Body.ShouldEndWith("one");
    }

    [Fact]
    public async Task Old_comments_on_later_pages_are_found()
    {
        _github.State.PullRequests.Add(new(3, "guest:branch", Commit));
        for (var i = 0; i < 150; i++)
            _github.State.Comments.Add(new(i, 3, "talk", IsOurs: false));
        await ShowAsync("one");
        await ShowAsync("two");
        _github.State.Comments.Count.ShouldBe(151);
    }

    [Fact]
    public async Task A_branch_that_moved_on_is_not_commented()
    {
        _github.State.PullRequests.Add(new(3, "guest:branch", new('b', 40)));
        (await Should.ThrowAsync<ReleaseRefusedException>(() => ShowAsync("one"))).Diagnostic.Rule.ShouldBe(GitHubRules.NoPullRequest);
        _github.State.Comments.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_token_that_may_not_is_told_what_it_needs()
    {
        _github.State.PullRequests.Add(new(3, "guest:branch", Commit));
        _github.Plan(GitHubFault.Forbidden, "POST", "/comments");
        var refused = (await Should.ThrowAsync<ReleaseRefusedException>(() => ShowAsync("one"))).Diagnostic;
        refused.Rule.ShouldBe(GitHubRules.CommentForbidden);
        refused.Message.ShouldContain("pull-requests: write");
    }

    [Fact]
    public async Task A_schedule_that_GitHub_switched_off_is_told_and_one_that_its_owner_did_is_not()
    {
        _github.State.Workflows["Release"] = "disabled_inactivity";
        _github.State.Workflows["Nightly"] = "disabled_fork";
        _github.State.Workflows["Other"] = "disabled_manually";
        _github.State.Workflows["Fine"] = "active";
        var told = await ScheduledWorkflows.CheckAsync(Settings, Ct);
        told.Select(d => d.Message).ShouldBe(
        [
            $"GitHub does not run the workflow 'Nightly' (schedules are off in a new fork), so nothing is rebuilt by schedule; enable it at {_github.State.Root}/actions/workflows/Nightly.yml",
            $"GitHub does not run the workflow 'Release' (nothing happened in the repository for 60 days), so nothing is rebuilt by schedule; enable it at {_github.State.Root}/actions/workflows/Release.yml",
        ]);
        _github.Complaints.ShouldBeEmpty();
    }

    private GitHubPlace Place => new(FakeGitHub.Owner, FakeGitHub.Repository, _github.Api, new(FakeGitHub.Token, "a test"));

    private GitHubSettings Settings => new() { FindPlace = _ => Task.FromResult(Place), CacheDirectory = _temp["cache"], Time = new InstantTime() };

    private async Task ShowAsync(string text)
    {
        using var comments = new PullRequestComments(Place, Settings);
        await comments.ShowAsync(new("guest:branch", Commit), text, Ct);
    }
}
