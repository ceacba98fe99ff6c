using Pipeline.Core.Reporting;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Publishing;
using Pipeline.Engine.Publishing.GitHub;

namespace Pipeline.Kit;

/// <summary>The GitHub host of the product on a fake one, with the waits of a clock that never waits.</summary>
public sealed class GitHubHosts(FakeGitHub fake, string cachePath)
{
    public TimeProvider Time { get; set; } = TimeProvider.System;

    public IReporter Reporter { get; set; } = SilentReporter.Instance;

    public string? Token { get; set; } = FakeGitHub.Token;

    public LargeFilePolicy Large { get; set; } = LargeFilePolicy.Split;

    public GitHubLimits Limits { get; set; } = GitHubLimits.Official;

    public GitHubReleases Open(Action<string>? checkpoint = null) => new(new()
    {
        FindPlace = _ => Task.FromResult(new GitHubPlace(FakeGitHub.Owner, FakeGitHub.Repository, fake.Api, Token is null ? null : new Secret(Token, "GITHUB_TOKEN"))),
        CacheDirectory = cachePath,
        Reporter = Reporter,
        Time = Time,
        Chance = () => 0,
        Large = Large,
        Limits = Limits,
    })
    { Checkpoint = checkpoint ?? (_ => { }) };
}
