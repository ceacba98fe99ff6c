using Shouldly;
using Xunit;

namespace Pipeline.Engine.Manifests.Remote;

public sealed class RemoteReferenceTests
{
    [Theory]
    [InlineData("git+https://github.com/acme/images//images/kiosk?ref=main", "git+https://github.com/acme/images?ref=main", "https://github.com/acme/images", "main", "images/kiosk/image.yaml")]
    [InlineData("git+https://git.example:8443/a/b/c.git//base.yaml", "git+https://git.example:8443/a/b/c.git", "https://git.example:8443/a/b/c.git", null, "base.yaml")]
    [InlineData("git+ssh://git@git.example/acme/images//images/x/?ref=feature/new-board", "git+ssh://git@git.example/acme/images?ref=feature/new-board", "ssh://git@git.example/acme/images", "feature/new-board", "images/x/image.yaml")]
    [InlineData("git+file:///srv/images//images/x?ref=v1.2", "git+file:///srv/images?ref=v1.2", "file:///srv/images", "v1.2", "images/x/image.yaml")]
    [InlineData("git+http://127.0.0.1:8080/images//images/x", "git+http://127.0.0.1:8080/images", "http://127.0.0.1:8080/images", null, "images/x/image.yaml")]
    [InlineData("oci://ghcr.io/acme/manifests:stable//images/x", "oci://ghcr.io/acme/manifests:stable", "ghcr.io/acme/manifests:stable", null, "images/x/image.yaml")]
    public void Forms_that_are_understood(string text, string name, string address, string? reference, string file)
    {
        RemoteReference.TryParse(text, out var parsed, out var problem).ShouldBeTrue(problem);
        (parsed!.Name, parsed.Address, parsed.Ref, parsed.File).ShouldBe((name, address, reference, file));
    }

    /// <summary>What would be an option of git or ssh, another protocol, a password, or a file of this machine.</summary>
    [Theory]
    [InlineData("https://github.com/acme/images//images/x")]
    [InlineData("git+ext://sh -c id//images/x")]
    [InlineData("git+ext://sh%20-c%20id//images/x")]
    [InlineData("git+https://github.com/acme/images")]
    [InlineData("git+https://github.com/acme/images//")]
    [InlineData("git+https://github.com/acme/images//../x")]
    [InlineData("git+https://github.com/acme/images//images/-x")]
    [InlineData("git+https://github.com/acme/../images//images/x")]
    [InlineData("git+https://github.com/--upload-pack=id//images/x")]
    [InlineData("git+https://-oProxyCommand=id/acme/images//images/x")]
    [InlineData("git+ssh://-oProxyCommand=id@host/acme/images//images/x")]
    [InlineData("git+ssh://git@-oProxyCommand=id/acme/images//images/x")]
    [InlineData("git+https://user:password@git.example/acme/images//images/x")]
    [InlineData("git+https://token@git.example/acme/images//images/x")]
    [InlineData("git+http://git.example/acme/images//images/x")]
    [InlineData("git+file://host/srv/images//images/x")]
    [InlineData("git+https://git.example/acme/images//images/x?ref=--all")]
    [InlineData("git+https://git.example/acme/images//images/x?ref=a..b")]
    [InlineData("git+https://git.example/acme/images//images/x?ref=a:b")]
    [InlineData("git+https://git.example/acme/images//images/x?ref=")]
    [InlineData("git+https://git.example/acme/images//images/x?depth=1")]
    [InlineData("git+https://git.example/acme/im ages//images/x")]
    [InlineData("git+https://git.example/acme/im\nages//images/x")]
    [InlineData("oci://ghcr.io/acme/manifests:stable//images/x?ref=main")]
    [InlineData("oci://ghcr.io/Acme/manifests:stable//images/x")]
    [InlineData("oci://manifests//images/x")]
    [InlineData("oci://")]
    [InlineData("git+https://")]
    [InlineData("git+file://?ref=main")]
    public void What_is_refused(string text)
    {
        RemoteReference.TryParse(text, out _, out var problem).ShouldBeFalse();
        problem.ShouldNotBeEmpty();
    }
}
