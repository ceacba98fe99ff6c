using Shouldly;
using Xunit;

namespace Pipeline.Engine.Reconciling.Shares;

public sealed class StagePlaceTests
{
    [Theory]
    [InlineData("oci://ghcr.io/acme/stage", "ghcr.io/acme/stage", "stage")]
    [InlineData("oci://ghcr.io/acme/stage:4711", "ghcr.io/acme/stage", "4711")]
    [InlineData("oci://localhost:5000/stage", "localhost:5000/stage", "stage")]
    [InlineData("oci://localhost:5000/stage:run_1.2-3", "localhost:5000/stage", "run_1.2-3")]
    public void Places_that_are_understood(string text, string repository, string run)
    {
        StagePlace.IsMeant(text).ShouldBeTrue();
        StagePlace.TryParse(text, out var place, out var problem).ShouldBeTrue(problem);
        place.ShouldBe(new(repository, run));
    }

    [Theory]
    [InlineData("oci://")]
    [InlineData("oci://ghcr.io")]
    [InlineData("oci://ghcr.io/Acme")]
    [InlineData("oci://ghcr.io/acme/stage:")]
    [InlineData("oci://ghcr.io/acme/stage:a b")]
    [InlineData("oci://ghcr.io/acme/stage:.hidden")]
    [InlineData("oci://ghcr.io/acme/stage@sha256:0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("oci://ghcr.io/acme/stage:a234567890123456789012345678901234567890123456789012345678901")]
    [InlineData("oci://https://ghcr.io/acme")]
    public void Others_are_refused(string text)
    {
        StagePlace.TryParse(text, out _, out var problem).ShouldBeFalse();
        problem.ShouldContain("oci://");
    }

    [Fact]
    public void A_directory_is_none() => StagePlace.IsMeant("oci-stage/here").ShouldBeFalse();
}
