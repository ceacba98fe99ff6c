using Pipeline.Engine.Planning;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Publishing.Proof;

public sealed class RunIdentityTests : IDisposable
{
    private readonly TempDir _temp = new();
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _temp.Dispose();

    [Theory]
    [InlineData("https://github.com/acme/images.git", "https://github.com/acme/images.git")]
    [InlineData("https://user:hunter2@git.example:8443/acme/images?token=hunter2#x", "https://git.example:8443/acme/images")]
    [InlineData("ssh://git@git.example/acme/images", "ssh://git.example/acme/images")]
    [InlineData("git@github.com:acme/images.git", "ssh://github.com/acme/images.git")]
    [InlineData("/srv/git/images", null)]
    [InlineData("../images", null)]
    [InlineData("file:///srv/git/images", null)]
    public void An_address_has_no_secrets_and_no_places_of_this_machine(string remote, string? address) => RunIdentity.PublicAddress(remote).ShouldBe(address);

    [Fact]
    public async Task A_machine_of_somebody_says_only_where_the_repository_is()
    {
        Tool.Require("git", "init", "-q", _temp.Path);
        Tool.Require("git", "-C", _temp.Path, "remote", "add", "origin", "https://x:hunter2@git.example/acme/images");
        var facts = await Facts(new(null, false));
        facts.ShouldBe(new Dictionary<string, string> { [InputNames.BuildEpoch] = InputNames.SourceEpoch, [InputNames.GitRepository] = "https://git.example/acme/images" });
    }

    [Fact]
    public async Task A_workflow_is_the_builder_and_only_asked_for_it_is_a_run()
    {
        var workflow = new Dictionary<string, string?>
        {
            ["GITHUB_ACTIONS"] = "true", ["GITHUB_SERVER_URL"] = "https://github.com", ["GITHUB_REPOSITORY"] = "acme/images",
            ["GITHUB_WORKFLOW_REF"] = "acme/images/.github/workflows/release.yml@refs/heads/main", ["GITHUB_RUN_ID"] = "42", ["GITHUB_RUN_ATTEMPT"] = "2",
            ["SOURCE_DATE_EPOCH"] = "1700000000",
        };
        var quiet = await Facts(new(null, false), workflow);
        quiet[InputNames.Builder].ShouldBe("https://github.com/acme/images/.github/workflows/release.yml@refs/heads/main");
        quiet[InputNames.GitRepository].ShouldBe("https://github.com/acme/images");
        quiet[InputNames.BuildEpoch].ShouldBe("1700000000");
        quiet.Count.ShouldBe(3);
        var loud = await Facts(new("https://ci.example/images", true), workflow);
        loud[InputNames.Builder].ShouldBe("https://ci.example/images");
        loud[InputNames.BuildRun].ShouldBe("https://github.com/acme/images/actions/runs/42/attempts/2");
        loud[InputNames.BuildStarted].ShouldBe("2026-11-21T08:00:00Z");
    }

    private async Task<IReadOnlyDictionary<string, string>> Facts(Manifests.Models.ProvenanceConfig config, Dictionary<string, string?>? environment = null) =>
        await new RunIdentity(config, new(_temp.Path), name => environment?.GetValueOrDefault(name), new ManualClock(new(2026, 11, 21, 8, 0, 0, TimeSpan.Zero))).FactsAsync(Ct);
}
