using System.Collections.Immutable;
using Pipeline.Core.Units;
using Pipeline.Engine.Building;
using Pipeline.Engine.Manifests;
using Pipeline.Engine.Planning;
using Pipeline.Engine.Publishing;
using Pipeline.Engine.Publishing.GitHub;
using Pipeline.Engine.Resolving;
using Pipeline.Kit;
using Pipeline.Oci.Sources;
using Shouldly;
using Xunit;

namespace Pipeline.EndToEnd;

/// <summary>What a plan of a large repository asks of the network: one listing of releases and one HEAD for each reference.</summary>
public sealed class PlanCostTests(RegistryFixture fixture) : IClassFixture<RegistryFixture>
{
    private const int Images = 1000;
    private const int References = 200;
    private const int ReleasesOnPage = 100;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_thousand_images_on_two_hundred_references_cost_one_listing_and_two_hundred_heads()
    {
        await using var github = FakeGitHub.Start();
        using var fleet = new Fleet(fixture.Registry).PublishTo(github, keep: 5);
        var prefix = $"plan-{Guid.NewGuid():n}";
        var system = fleet.System("linux/amd64", "one", 62);
        await Parallel.ForAsync(0, References, Ct, async (i, ct) => await fixture.Registry.PushAsync(fleet.Layout, system, $"{prefix}/base-{i}", "1", ct));
        for (var i = 0; i < Images; i++)
            fleet.AddImage($"image-{i:000}", $"{prefix}/base-{i % References}");
        await PublishAllAsync(github, fleet);

        (await fleet.RunAsync(Ct, "plan", "--json")).ShouldEndWith(0);
        github.TakeRequests();
        await fixture.Registry.TakeRequestsAsync(Ct);
        var plan = (await fleet.RunAsync(Ct, "plan", "--json")).ShouldEndWith(0);
        plan.Objects("target").Count(t => t.GetProperty("state").GetString() == "current").ShouldBe(Images);
        var listing = github.TakeRequests();
        var heads = await fixture.Registry.TakeRequestsAsync(Ct);
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"plan of {Images} images over {References} references, warm cache: {listing.Count} pages of one listing ({listing.Count(r => r.Status == 304)} answered 304), "
            + $"{heads.Count(r => r.StartsWith("HEAD", StringComparison.Ordinal))} HEADs, {heads.Count(r => !r.StartsWith("HEAD", StringComparison.Ordinal))} other requests");
        listing.Count.ShouldBe(Images / ReleasesOnPage);
        listing.ShouldAllBe(r => r.Method == "GET" && r.Path.EndsWith("/releases", StringComparison.Ordinal) && r.Status == 304);
        heads.Count.ShouldBe(References);
        heads.ShouldAllBe(r => r.StartsWith("HEAD", StringComparison.Ordinal));
        github.Complaints.ShouldBeEmpty();
    }

    /// <summary>What 1000 builds would have left.</summary>
    private static async Task PublishAllAsync(FakeGitHub github, Fleet fleet)
    {
        await using var sources = new ImageSources(new() { CacheDirectory = Path.Combine(fleet.WholePath, "other-cache") });
        var resolver = new Resolver(new()
        {
            OpenSource = source => sources.Open(source.Text, source.BaseDirectoryPath, source.Span),
            ManifestInputs = (image, board, output) => ManifestInputs.Of(image, board, output),
            EngineFormat = EngineFormat.Version,
            Git = null,
        });
        var workspace = WorkspaceReader.Read(fleet.RootPath).Value!;
        foreach (var target in await resolver.ResolveAsync(workspace, TargetSelection.All, Ct))
        {
            var version = "20261121.0";
            var file = new ReleaseFile($"{target.Image.Name}-plain.img", new(1), Digest.Sha256([1]));
            var published = new PublishedTarget(target.Id, version, target.Inputs!, [file], []);
            var record = new ReleaseRecord(target.Image.Name, version, null, null, target.Image.Labels, ImmutableSortedDictionary<string, PublishedTarget>.Empty.Add(target.Id, published));
            var inputs = ReleaseRecordJson.Write(record);
            var release = github.State.Add($"{target.Image.Name}-{version}", "# Notes\n" + ReleaseMarker.Create(Digest.Sha256([2]), inputs).Write(), isDraft: false);
            github.State.AddAsset(release, file.Name, [1]);
            github.State.AddAsset(release, ReleaseDocuments.Inputs, inputs);
        }
    }
}
