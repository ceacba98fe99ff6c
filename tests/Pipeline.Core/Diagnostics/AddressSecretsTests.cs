using Shouldly;
using Xunit;

namespace Pipeline.Core.Diagnostics;

public sealed class AddressSecretsTests
{
    [Theory]
    [InlineData("'git+https://user:secret@git.example/a//images/x' is", "'git+https://***@git.example/a//images/x' is")]
    [InlineData("'git+htps://user:secret@h/a'", "'git+htps://***@h/a'")]
    [InlineData("oci://user:se@c:ret@h/a and https://ghp_token@github.com/a", "oci://***@h/a and https://***@github.com/a")]
    [InlineData("ssh://git:secret@h/a", "ssh://***@h/a")]
    [InlineData("https://:secret@h/a", "https://***@h/a")]
    public void Passwords_are_left_out(string text, string shown)
    {
        AddressSecrets.Hide(text).ShouldBe(shown);
        Diagnostic.Create(new("PL1004", Severity.Error, "{0}"), null, text).Message.ShouldBe(shown);
    }

    [Theory]
    [InlineData("ssh://git@git.example/a")]
    [InlineData("git+ssh://git@git.example:2222/a//images/x?ref=main")]
    [InlineData("docker://debian:12@sha256:00")]
    [InlineData("quay.io/a/b:1@sha256:00")]
    [InlineData("containers-storage:[overlay@/srv/x]box:1")]
    [InlineData("https://host.example:5000/a@b, kiosk@20261121.0")]
    [InlineData("look at https://host.example:5000 and write to me@host.example")]
    public void All_else_stays(string text) => AddressSecrets.Hide(text).ShouldBe(text);

    [Fact]
    public void A_hostile_text_ends() =>
        AddressSecrets.Hide("https://" + new string(':', 200_000)).Length.ShouldBe(200_008);
}
