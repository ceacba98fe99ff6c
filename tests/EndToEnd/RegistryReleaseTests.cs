using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.EndToEnd;

/// <summary>The real program with releases in a real registry.</summary>
public sealed class RegistryReleaseTests(RegistryFixture fixture) : IClassFixture<RegistryFixture>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_image_becomes_an_artifact_and_is_current_then()
    {
        using var fleet = new Fleet(fixture.Registry);
        var name = $"artifacts-{Guid.NewGuid():n}";
        fleet.Write("pipeline.yaml", $"version: 1\nreleases:\n  registry: {fixture.Registry.Host}/{name}\n  keep: 1\n");
        await fleet.PushAsync($"{name}-source", ("one", "one"), Ct);
        fleet.AddImage("kiosk", $"{name}-source");
        (await fleet.RunAsync(Ct, "reconcile", "--json")).ShouldEndWith(0);
        (await fleet.RunAsync(Ct, "plan")).ShouldEndWith(0).Stdout.ShouldContain("1 target: 1 current");
        await fleet.PushAsync($"{name}-source", ("two", "two"), Ct);
        (await fleet.RunAsync(Ct, "reconcile", "--json")).ShouldEndWith(0);
        var tags = Tool.Require("skopeo", "list-tags", "--tls-verify=false", $"docker://{fixture.Registry.Host}/{name}/kiosk");
        tags.ShouldContain("\"latest\"");
        tags.Split('"').Count(t => t.StartsWith("20", StringComparison.Ordinal)).ShouldBe(1, tags);
    }
}
