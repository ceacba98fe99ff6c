using Shouldly;
using Xunit;

namespace Pipeline.Oci.Registry;

public sealed class RedirectGuardTests
{
    [Theory]
    [InlineData("quay.io", "https://cdn.example/x?sig=1", true)]
    [InlineData("quay.io", "http://cdn.example/x", false)]
    [InlineData("quay.io", "https://169.254.169.254/meta", false)]
    [InlineData("quay.io", "https://[fe80::1]/", false)]
    [InlineData("quay.io", "https://[::ffff:10.0.0.1]/", false)]
    [InlineData("quay.io", "https://localhost/", false)]
    [InlineData("quay.io", "https://192.168.1.1/", false)]
    [InlineData("quay.io", "https://8.8.8.8/", true)]
    [InlineData("quay.io", "file:///etc/passwd", false)]
    [InlineData("127.0.0.1:5000", "http://127.0.0.1:6000/x", true)]
    [InlineData("10.0.0.5", "https://10.0.0.6/x", true)]
    [InlineData("10.0.0.5", "http://10.0.0.6/x", false)]
    public void A_registry_may_not_send_us_everywhere(string host, string target, bool isFine) =>
        (RedirectGuard.Complaint(RegistryEndpoint.Create(host, "x", null), new Uri(target)) is null).ShouldBe(isFine);

    [Fact]
    public void A_shown_address_has_no_query_and_no_user() =>
        RedirectGuard.Shown(new Uri("https://me:pw@h.example:444/a/b?sig=s3cret#f")).ShouldBe("https://h.example:444/a/b");
}
