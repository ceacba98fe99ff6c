using Shouldly;
using Xunit;

namespace Pipeline.Engine.Manifests.Reading;

public sealed class SourceTextTests
{
    [Theory]
    [InlineData("registry.example:65535/kiosk:1")]
    [InlineData("[::1]:5000/kiosk:1")]
    [InlineData("registry.example/kiosk:1@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    public void A_source_has_no_problem(string text) => SourceText.Problem(text).ShouldBeNull();

    [Theory]
    [InlineData("registry.example:65536/kiosk:1")]
    [InlineData("[::::]:5000/kiosk:1")]
    public void An_address_that_cannot_be_is_said_before_it_is_asked(string text) => SourceText.Problem(text)!.ShouldContain("ports go up to 65535");

    [Theory]
    [InlineData("me:s3cret@registry.example/kiosk:1", "***@registry.example/kiosk:1")]
    [InlineData("https://me:s3cret@registry.example/kiosk:1", "https://***@registry.example/kiosk:1")]
    public void A_password_is_named_as_what_it_is_and_not_repeated(string text, string shown)
    {
        SourceText.Problem(text)!.ShouldContain("password");
        SourceText.Problem(text)!.ShouldNotContain("s3cret");
        SourceText.Quote(text).ShouldBe(shown);
    }

    [Theory]
    [InlineData("kiosk@12")]
    [InlineData("registry.example/kiosk:1@sha256:12")]
    public void A_bad_digest_is_no_password(string text)
    {
        SourceText.Problem(text)!.ShouldContain("digest");
        SourceText.Quote(text).ShouldBe(text);
    }

    [Theory]
    [InlineData("", "it is empty")]
    [InlineData("registry.example:5000", "nothing in it")]
    [InlineData("oci://registry.example/images", "without a scheme")]
    [InlineData("https://registry.example/images", "without a scheme")]
    [InlineData("me:s3cret@registry.example/images", "password")]
    [InlineData("registry.example/images:1", "tag or digest")]
    [InlineData("images", "does not name its registry")]
    public void What_a_place_lacks_is_said(string text, string part) => RegistryPlace.Problem(text)!.ShouldContain(part);
}
