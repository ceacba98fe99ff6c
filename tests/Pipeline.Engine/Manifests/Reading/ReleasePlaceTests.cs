using Pipeline.Engine.Manifests.Models;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Manifests.Reading;

public sealed class ReleasePlaceTests
{
    private static readonly PipelineConfig OnRegistry = new() { ReleaseRegistry = "ghcr.io/acme/images" };

    [Fact]
    public void A_place_takes_the_place_of_another()
    {
        ReleasePlace.Override(OnRegistry, null).ShouldBe(OnRegistry);
        (ReleasePlace.Override(OnRegistry, "github") is { GitHub: not null, ReleaseRegistry: null }).ShouldBeTrue();
        (ReleasePlace.Override(OnRegistry, "out/releases") is { GitHub: null, ReleaseRegistry: null, ReleaseDirectory: "out/releases" }).ShouldBeTrue();
        (ReleasePlace.Override(new() { GitHub = new("a/b", null, LargeFilePolicy.Split) }, "registry:localhost:5000/x") is { GitHub: null, ReleaseRegistry: "localhost:5000/x" }).ShouldBeTrue();
    }

    [Fact]
    public void What_the_manifest_says_of_GitHub_stays() =>
        ReleasePlace.Override(new() { GitHub = new("a/b", null, LargeFilePolicy.Refuse) }, "github").GitHub.ShouldBe(new("a/b", null, LargeFilePolicy.Refuse));

    [Theory]
    [InlineData("")]
    [InlineData("registry")]
    [InlineData("GitHub")]
    [InlineData("github:acme/images")]
    [InlineData("https://github.com/acme/images")]
    [InlineData("oci://ghcr.io/acme/images")]
    [InlineData("registry:")]
    [InlineData("registry:ghcr.io/Acme/images")]
    [InlineData("registry:ghcr.io/acme/images:1")]
    [InlineData("images")]
    [InlineData("./boards/")]
    public void What_is_no_place_is_refused(string place) => Should.Throw<FormatException>(() => ReleasePlace.Override(OnRegistry, place));

    [Fact]
    public void Names_of_GitHub_lose_their_capitals()
    {
        ReleasePlace.HasPlaceholders("ghcr.io/{owner}/x").ShouldBeTrue();
        ReleasePlace.HasPlaceholders("ghcr.io/owner/x").ShouldBeFalse();
        ReleasePlace.Problem("ghcr.io/{owner}/{repository}").ShouldBeNull();
        ReleasePlace.Fill("ghcr.io/{owner}/{repository}", "Acme-Corp", "Images").ShouldBe("ghcr.io/acme-corp/images");
    }
}
