using Pipeline.Engine.Git;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Publishing.GitHub;

public sealed class GitHubConnectionTests : IDisposable
{
    private readonly TempDir _temp = new();
    private readonly Dictionary<string, string> _environment = new(StringComparer.Ordinal);

    public GitHubConnectionTests() => Tool.Require("git", "init", "-q", _temp["repository"]);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _temp.Dispose();

    [Theory]
    [InlineData("https://github.com/acme/images.git", "acme/images", "https://api.github.com/")]
    [InlineData("https://robot:hunter2@github.com/acme/images", "acme/images", "https://api.github.com/")]
    [InlineData("git@github.com:acme/images.git", "acme/images", "https://api.github.com/")]
    [InlineData("ssh://git@ssh.github.com:443/acme/images.git", "acme/images", "https://api.github.com/")]
    [InlineData("https://GHE.example/acme/images.os/", "acme/images.os", "https://ghe.example/api/v3/")]
    [InlineData("https://acme.ghe.com/acme/images", "acme/images", "https://api.acme.ghe.com/")]
    public async Task A_remote_is_a_repository_and_an_api(string url, string name, string api)
    {
        Tool.Require("git", "-C", _temp["repository"], "remote", "add", "origin", url);
        var place = await FindAsync(new(null, null, LargeFilePolicy.Split));
        place.Name.ShouldBe(name);
        place.Api.ToString().ShouldBe(api);
        place.ToString().ShouldNotContain("hunter2");
    }

    [Theory]
    [InlineData("/srv/git/images.git")]
    [InlineData("file:///srv/git/images.git")]
    [InlineData("https://github.com/acme")]
    [InlineData("https://github.com/acme/images/tree/main")]
    public async Task A_remote_that_is_none_of_GitHubs_is_none(string url)
    {
        Tool.Require("git", "-C", _temp["repository"], "remote", "add", "origin", url);
        var e = await Should.ThrowAsync<ReleaseRefusedException>(() => FindAsync(new(null, null, LargeFilePolicy.Split)));
        e.Diagnostic.Rule.ShouldBe(GitHubRules.NoRepository);
    }

    [Fact]
    public async Task What_is_said_goes_before_the_workflow_and_that_before_the_remote()
    {
        Tool.Require("git", "-C", _temp["repository"], "remote", "add", "origin", "https://github.com/remote/images");
        (_environment["GITHUB_REPOSITORY"], _environment["GITHUB_API_URL"]) = ("workflow/images", "https://ghe.example/api/v3");
        (await FindAsync(new("said/images", new("https://other.example/api/v3/"), LargeFilePolicy.Split))).ShouldSatisfyAllConditions(
            p => p.Name.ShouldBe("said/images"), p => p.Api.Host.ShouldBe("other.example"));
        (await FindAsync(new(null, null, LargeFilePolicy.Split))).ShouldSatisfyAllConditions(
            p => p.Name.ShouldBe("workflow/images"), p => p.Api.Host.ShouldBe("ghe.example"));
    }

    [Theory]
    [InlineData("https://api.github.com/", "GITHUB_TOKEN", true)]
    [InlineData("https://api.github.com/", "GH_TOKEN", true)]
    [InlineData("https://api.github.com/", "GH_ENTERPRISE_TOKEN", false)]
    [InlineData("https://ghe.example/api/v3/", "GITHUB_TOKEN", false)]
    [InlineData("https://ghe.example/api/v3/", "GH_ENTERPRISE_TOKEN", true)]
    [InlineData("https://ghe.example/api/v3/", "PIPELINE_GITHUB_TOKEN", true)]
    public async Task A_token_goes_to_the_host_that_it_is_for(string api, string variable, bool isUsed)
    {
        _environment[variable] = "a-token";
        var place = await FindAsync(new("acme/images", new(api), LargeFilePolicy.Split));
        (place.Token?.Origin).ShouldBe(isUsed ? variable : null);
        place.ToString().ShouldNotContain("a-token");
    }

    [Fact]
    public async Task The_token_of_a_workflow_goes_to_its_own_server()
    {
        (_environment["GITHUB_API_URL"], _environment["GITHUB_TOKEN"]) = ("https://ghe.example/api/v3", "a-token");
        (await FindAsync(new("acme/images", null, LargeFilePolicy.Split))).Token!.Reveal().ShouldBe("a-token");
    }

    [Theory]
    [InlineData("ghp_token\n", true)]
    [InlineData("two words", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public async Task A_file_holds_the_token_and_nothing_else(string? content, bool isToken)
    {
        if (content is not null)
            await File.WriteAllTextAsync(_temp["token"], content, Ct);
        _environment["PIPELINE_GITHUB_TOKEN_FILE"] = _temp["token"];
        var find = () => FindAsync(new("acme/images", null, LargeFilePolicy.Split));
        if (isToken)
            (await find()).Token!.Reveal().ShouldBe("ghp_token");
        else
            (await Should.ThrowAsync<ReleaseRefusedException>(find)).Diagnostic.Rule.ShouldBe(GitHubRules.TokenFile);
    }

    [Fact]
    public async Task What_gh_keeps_is_used_last()
    {
        Directory.CreateDirectory(_temp["bin"]);
        await File.WriteAllTextAsync(_temp["bin/gh"], "#!/bin/sh\n[ \"$*\" = 'auth token --hostname github.com' ] && echo from-gh\n", Ct);
        Tool.Require("chmod", "+x", _temp["bin/gh"]);
        _environment["PATH"] = _temp["bin"] + ":/usr/bin:/bin";
        (await FindAsync(new("acme/images", null, LargeFilePolicy.Split))).Token!.Origin.ShouldBe("gh auth token");
        (await FindAsync(new("acme/images", new("https://ghe.example/api/v3/"), LargeFilePolicy.Split))).Token.ShouldBeNull();
    }

    [Fact]
    public void A_secret_does_not_show_itself()
    {
        var secret = new Secret("hunter2", "TEST");
        $"{secret}".ShouldBe("(secret)");
        secret.Scrub("it is hunter2, yes").ShouldBe("it is (secret), yes");
    }

    private Task<GitHubPlace> FindAsync(GitHubStore store)
    {
        _environment.TryAdd("PATH", "/nowhere");
        return new GitHubConnection(store, new GitRepository(_temp["repository"]), _environment.GetValueOrDefault).FindAsync(Ct);
    }
}
