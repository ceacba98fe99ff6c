using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.EndToEnd;

/// <summary>Policies with the real program and the tags of a real registry.</summary>
public sealed class PolicyTests(RegistryFixture fixture) : IClassFixture<RegistryFixture>, IDisposable
{
    private readonly Fleet _fleet = new(fixture.Registry);
    private readonly string _prefix = $"team-{Guid.NewGuid():n}";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _fleet.Dispose();

    [Fact]
    public async Task A_new_version_is_followed_and_a_hold_waits()
    {
        foreach (var tag in new[] { "1.9.0", "1.10.0", "2.0.0-rc.1", "latest" })
            await PushAsync(tag);
        var manifest = $"description: Kiosk\nsource: {fixture.Registry.Host}/{_prefix}/os\nfollow: {{semver: ^1}}\nboards: [plain]\n";
        _fleet.Write("images/kiosk/image.yaml", manifest).Write("images/nas/image.yaml", manifest.Replace("^1", "'>=2.0.0-rc'", StringComparison.Ordinal));
        await fixture.Registry.TakeRequestsAsync(Ct);
        (await _fleet.RunAsync(Ct, "reconcile")).ShouldEndWith(0);
        (await fixture.Registry.TakeRequestsAsync(Ct)).Count(r => r.Contains("/tags/list", StringComparison.Ordinal)).ShouldBe(1, "two images follow one repository");
        File.ReadAllText(Path.Combine(_fleet.Latest("kiosk"), "inputs.json")).ShouldContain($"{_prefix}/os:1.10.0");
        File.ReadAllText(Path.Combine(_fleet.Latest("nas"), "inputs.json")).ShouldContain($"{_prefix}/os:2.0.0-rc.1");

        await PushAsync("1.11.0");
        var plan = (await _fleet.RunAsync(Ct, "plan", "--json")).ShouldEndWith(0);
        plan.Objects("target").Select(t => t.GetProperty("state").GetString()).ShouldBe(["stale", "current"]);

        _fleet.Write("images/kiosk/image.yaml", manifest + "hold: {until: 2999-01-01T00:00Z}\n");
        (await _fleet.RunAsync(Ct, "plan")).ShouldEndWith(0).Stdout.ShouldContain("held until 2999-01-01 00:00 UTC");
        (await _fleet.RunAsync(Ct, "reconcile")).ShouldEndWith(0).Stdout.ShouldContain("kiosk  held");
        _fleet.Releases("kiosk").Length.ShouldBe(1);
        (await _fleet.RunAsync(Ct, "reconcile", "--force", "kiosk")).ShouldEndWith(0);
        File.ReadAllText(Path.Combine(_fleet.Latest("kiosk"), "inputs.json")).ShouldContain($"{_prefix}/os:1.11.0");

        _fleet.Write("images/kiosk/image.yaml", manifest.Replace("^1", "^9", StringComparison.Ordinal));
        (await _fleet.RunAsync(Ct, "plan")).ShouldEndWith(1).Output.ShouldContain("images/kiosk/image.yaml:3:9: error PL3009");
    }

    private async Task PushAsync(string tag) =>
        await fixture.Registry.PushAsync(_fleet.Layout, _fleet.System("linux/amd64", tag, 62), $"{_prefix}/os", tag, Ct);
}
