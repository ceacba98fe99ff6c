using Shouldly;
using Xunit;

namespace Pipeline.Oci.References;

public sealed class ImageReferenceTests
{
    private const string Hex = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    [Theory]
    [InlineData("quay.io/fedora/fedora-bootc:42", "quay.io/fedora/fedora-bootc:42")]
    [InlineData("docker://quay.io/x/y", "quay.io/x/y:latest")]
    [InlineData("docker.io/debian:12", "docker.io/library/debian:12")]
    [InlineData("index.docker.io/debian", "docker.io/library/debian:latest")]
    [InlineData("registry-1.docker.io/me/app:1", "docker.io/me/app:1")]
    [InlineData("localhost/x:1", "localhost/x:1")]
    [InlineData("localhost:5000/a/b/c", "localhost:5000/a/b/c:latest")]
    [InlineData("[::1]:5000/a:t", "[::1]:5000/a:t")]
    [InlineData("GHCR.io/Owner/Name:Tag", "ghcr.io/owner/name:Tag")]
    [InlineData("q.io/a__b/c---d.e:1_2.3-4", "q.io/a__b/c---d.e:1_2.3-4")]
    [InlineData("q.io/a@sha256:" + Hex, "q.io/a@sha256:" + Hex)]
    [InlineData("q.io/a:t@sha256:" + Hex, "q.io/a:t@sha256:" + Hex)]
    public void A_reference_is_read(string text, string name)
    {
        var parsed = ImageReference.Parse(text, null);
        parsed.Diagnostics.ShouldBeEmpty();
        parsed.Value!.Name.ShouldBe(name);
        ImageReference.Parse(name, null).Value.ShouldBe(parsed.Value);
    }

    [Theory]
    [InlineData("debian:12", "PL2002", "docker.io/library/debian:12")]
    [InlineData("me/app", "PL2002", "docker.io/me/app")]
    [InlineData("", "PL2001", "")]
    [InlineData("q.io/", "PL2001", "repository")]
    [InlineData("q.io/a b", "PL2001", "printable")]
    [InlineData("q.io/a:", "PL2001", "tag")]
    [InlineData("q.io/a:-x", "PL2001", "tag")]
    [InlineData("q.io/a..b", "PL2001", "repository")]
    [InlineData("q.io/../x", "PL2001", "repository")]
    [InlineData("q_.io/a", "PL2001", "host")]
    [InlineData("q.io:65536/a", "PL2001", "host")]
    [InlineData("[::::]:5000/a", "PL2001", "host")]
    [InlineData("q.io/a@sha256:12", "PL2001", "64 hex digits")]
    [InlineData("q.io/a@md5:12", "PL2003", "")]
    [InlineData("https://q.io/a", "PL2001", "without http")]
    public void A_mistake_is_said(string text, string code, string part)
    {
        var diagnostic = ImageReference.Parse(text, new("image.yaml", 3, 9)).Diagnostics.ShouldHaveSingleItem();
        diagnostic.Message.ShouldContain(part);
        if (code != "PL2003")
            diagnostic.Rule.Code.ShouldBe(code);
        diagnostic.Span!.ToString().ShouldBe("image.yaml:3:9");
    }

    [Theory]
    [InlineData("me:s3cret@q.io/a:1")]
    [InlineData("docker://me:s3cret@q.io/a:1")]
    [InlineData("https://me:s3cret@q.io/a")]
    public void Credentials_are_refused_and_not_repeated(string text)
    {
        var diagnostic = ImageReference.Parse(text, null).Diagnostics.ShouldHaveSingleItem();
        diagnostic.Rule.ShouldBe(ReferenceRules.HasCredentials);
        diagnostic.ToString().ShouldNotContain("s3cret");
    }

    [Fact]
    public void Garbage_ends_in_a_diagnostic()
    {
        const int seed = 20261121;
        var random = new Random(seed);
        for (var i = 0; i < 20_000; i++)
        {
            var text = new string([.. Enumerable.Range(0, random.Next(30)).Select(_ => "ab.:/@-_[]shA256\n\u00e9"[random.Next(18)])]);
            var parsed = ImageReference.Parse(text, null);
            (parsed.IsOk == (parsed.Value is not null)).ShouldBeTrue($"seed {seed}: '{text}'");
        }
    }
}
