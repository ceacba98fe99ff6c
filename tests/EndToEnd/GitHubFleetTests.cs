using System.Text;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.EndToEnd;

/// <summary>Twenty images on a real registry, published by the real program to a fake GitHub.</summary>
public sealed class GitHubFleetTests : IClassFixture<RegistryFixture>, IAsyncDisposable
{
    private const int Images = 20;
    private const int OnMoved = 3;
    private readonly RegistryFixture _fixture;
    private readonly FakeGitHub _github = FakeGitHub.Start();
    private readonly Fleet _fleet;
    private readonly string _prefix = $"github-{Guid.NewGuid():n}";

    public GitHubFleetTests(RegistryFixture fixture)
    {
        _fixture = fixture;
        _fleet = new Fleet(fixture.Registry).PublishTo(_github, keep: 2);
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        _fleet.Dispose();
        await _github.DisposeAsync();
    }

    [Fact]
    public async Task Twenty_images_are_released_then_the_three_that_are_stale_and_nothing_tells_the_token()
    {
        await PushAsync("steady", "one");
        await PushAsync("moving", "one");
        for (var i = 0; i < Images; i++)
            _fleet.AddImage(Name(i), $"{_prefix}/{(i < OnMoved ? "moving" : "steady")}");
        var outputs = new StringBuilder();
        (await RunAsync(outputs, "reconcile", "--json", "--verbose")).ShouldEndWith(0);
        _github.State.Published.Count().ShouldBe(Images);
        _github.ShouldBeWhole("first");

        (await RunAsync(outputs, "reconcile", "--json")).ShouldEndWith(0);
        _github.TakeRequests();
        (await RunAsync(outputs, "reconcile", "--json")).ShouldEndWith(0);
        _github.TakeRequests().Select(r => r.ToString()).ShouldBe([$"GET /repos/{FakeGitHub.Owner}/{FakeGitHub.Repository}/releases?per_page=100 304"]);

        var moved = await PushAsync("moving", "two");
        (await RunAsync(outputs, "plan")).ShouldEndWith(0).Stdout.ShouldContain($"{Images} targets: {Images - OnMoved} current, {OnMoved} stale");
        (await RunAsync(outputs, "reconcile", "--verbose")).ShouldEndWith(0);
        _github.State.Published.Count().ShouldBe(Images + OnMoved);
        _github.State.Drafts.ShouldBeEmpty();
        _github.ShouldBeWhole("second");
        foreach (var release in _github.State.Published.TakeLast(OnMoved))
        {
            release.Body.ShouldContain(moved[7..19]);
            release.Body.ShouldStartWith($"# {release.Tag[..release.Tag.LastIndexOf('-')]} ");
            Encoding.UTF8.GetString(release["CHANGELOG.md"]!.Content).ShouldContain(moved[7..19]);
        }
        await FailAsync(outputs);
        _github.Complaints.ShouldBeEmpty();
        outputs.ToString().ShouldNotContain(FakeGitHub.Token);
        Holders(_fleet.WholePath, FakeGitHub.Token).ShouldBeEmpty();
        // The search can find: what was released names its image in the cache too.
        Holders(_fleet.WholePath, Name(0)).ShouldNotBeEmpty();
    }

    /// <summary>GitHub's refusals repeat the token (the fake's do), and what the user reads must not.</summary>
    private async Task FailAsync(StringBuilder outputs)
    {
        await PushAsync("moving", "three");
        _github.Plan(GitHubFault.Forbidden, "POST", "/releases").Plan(GitHubFault.HalfRequest, "POST", "name=CHANGELOG.md");
        var failed = (await RunAsync(outputs, "reconcile", "--verbose")).ShouldEndWith(4);
        failed.Output.ShouldContain("PL5104");
        failed.Output.ShouldContain("Contents: write");
        (await RunAsync(outputs, "reconcile")).ShouldEndWith(0);
        _github.ShouldBeWhole("after refusals");
        _fleet.Program.Environment["PIPELINE_GITHUB_TOKEN"] = "wrong-" + FakeGitHub.Token;
        (await RunAsync(outputs, "plan")).ShouldEndWith(3).Output.ShouldContain("PL5103");
        _fleet.Program.Environment.Remove("PIPELINE_GITHUB_TOKEN");
        (await RunAsync(outputs, "plan", "--json")).ShouldEndWith(0);
        (await RunAsync(outputs, "reconcile", "--force", Name(0))).ShouldEndWith(4).Output.ShouldContain("PL5102");
    }

    private static IEnumerable<string> Holders(string directory, string text) =>
        Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories).Where(f => File.ReadAllBytes(f).AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0);

    private async Task<ProgramResult> RunAsync(StringBuilder outputs, params string[] arguments)
    {
        var run = await _fleet.RunAsync(Ct, arguments);
        outputs.Append(run.Output);
        return run;
    }

    /// <summary>The digest of the image's manifest.</summary>
    private async Task<string> PushAsync(string source, string revision)
    {
        var system = _fleet.System("linux/amd64", revision, 62);
        await _fixture.Registry.PushAsync(_fleet.Layout, system, $"{_prefix}/{source}", "1", Ct);
        return system.Digest.Text;
    }

    private static string Name(int index) => $"image-{index:00}";
}
