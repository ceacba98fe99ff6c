using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Units;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Kit;
using Pipeline.Oci.Sources;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Building.Sources;

public sealed class BaseLabelsTests
{
    private static readonly Digest Base = Digest.Sha256("base"u8);
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_label_that_the_base_has_too_tells_of_the_base()
    {
        var sources = new FakeImageSources();
        sources.Push($"ghcr.io/acme/base@{Base}", "v1", null, version: "40");
        var image = Image("ghcr.io/acme/base:40") with { Labels = Map(("org.opencontainers.image.version", "40"), ("org.opencontainers.image.revision", "abc"), ("org.opencontainers.image.authors", "me")) };
        (await BaseLabels.InheritedAsync(sources.Open, "ghcr.io/acme/kiosk:1", image, Ct)).ShouldBe(["org.opencontainers.image.version"]);
    }

    [Fact]
    public async Task A_base_that_cannot_be_looked_at_says_nothing()
    {
        Result<IImageSource> Down(ImageSource source) => throw new HttpRequestException("no way");
        (await BaseLabels.InheritedAsync(Down, "ghcr.io/acme/kiosk:1", Image("ghcr.io/acme/base:40"), Ct)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("ghcr.io/acme/kiosk:1", "ghcr.io/acme/base:40", "ghcr.io/acme/base")]
    [InlineData("localhost:5000/kiosk", "localhost:5000/base", "localhost:5000/base")]
    [InlineData("ghcr.io/acme/kiosk:1", "ghcr.io/acme/base:40@sha256:00", "ghcr.io/acme/base")]
    [InlineData("ghcr.io/acme/kiosk:1", "evil.example/base:40", null)]
    [InlineData("ghcr.io/acme/kiosk:1", "ghcr.io:80/base", null)]
    [InlineData("ghcr.io/acme/kiosk:1", "oci:/etc", null)]
    [InlineData("ghcr.io/acme/kiosk:1", "base", null)]
    [InlineData("ghcr.io/acme/kiosk:1", "ghcr.io/a b", null)]
    [InlineData("command:build.sh", "command:build.sh", null)]
    [InlineData("oci:a/b", "oci:a/c", null)]
    public void Only_an_image_beside_it_is_asked(string reference, string name, string? asked) =>
        BaseLabels.ReferenceOfBase(reference, Image(name)).ShouldBe(asked is null ? null : $"{asked}@{Base}");

    private static PlatformImage Image(string name) => new(SampleImages.Amd64, Base, Base, Base, [], [], Map(), null)
    {
        Annotations = Map(("org.opencontainers.image.base.name", name), ("org.opencontainers.image.base.digest", Base.Text)),
    };

    private static ImmutableSortedDictionary<string, string> Map(params (string, string)[] entries) =>
        entries.ToImmutableSortedDictionary(e => e.Item1, e => e.Item2, StringComparer.Ordinal);
}
