using Shouldly;
using Xunit;

namespace Pipeline.Oci.Platforms;

public sealed class PlatformTests
{
    [Theory]
    [InlineData("amd64", "linux/amd64")]
    [InlineData("linux/x86_64", "linux/amd64")]
    [InlineData("linux/amd64/v1", "linux/amd64")]
    [InlineData("linux/amd64/v3", "linux/amd64/v3")]
    [InlineData("LINUX/ARM64", "linux/arm64")]
    [InlineData("linux/aarch64/8", "linux/arm64")]
    [InlineData("linux/arm64/v8.0", "linux/arm64")]
    [InlineData("linux/arm64/9", "linux/arm64/v9")]
    [InlineData("linux/arm", "linux/arm")]
    [InlineData("linux/arm/7", "linux/arm")]
    [InlineData("linux/arm/v6", "linux/arm/v6")]
    [InlineData("linux/arm/5", "linux/arm/v5")]
    [InlineData("armhf", "linux/arm")]
    [InlineData("linux/armhf/v6", "linux/arm")]
    [InlineData("armel", "linux/arm/v6")]
    [InlineData("armv5tel", "linux/arm/v5")]
    [InlineData("armv6l", "linux/arm/v6")]
    [InlineData("armv7l", "linux/arm")]
    [InlineData("armv8l", "linux/arm/v8")]
    [InlineData("i686", "linux/386")]
    [InlineData("x86", "linux/386")]
    [InlineData("x64", "linux/amd64")]
    [InlineData("riscv64gc", "linux/riscv64")]
    [InlineData("loong64", "linux/loong64")]
    [InlineData("macos/arm64", "darwin/arm64")]
    public void A_platform_is_normalised(string text, string expected) =>
        Platform.Parse(text, null).Value!.ToString().ShouldBe(expected);

    [Theory]
    [InlineData("linux")]
    [InlineData("")]
    [InlineData("linux/*")]
    [InlineData("linux/arm64/v8/x")]
    [InlineData("linux(1)/amd64")]
    [InlineData("linux//v7")]
    public void A_mistake_is_a_diagnostic(string text)
    {
        Platform.Parse(text, null).Diagnostics.ShouldHaveSingleItem().Rule.ShouldBe(PlatformRules.Malformed);
        Platform.TryParse(text, out _).ShouldBeFalse();
    }

    [Theory]
    [InlineData("amd64", "amd64")]
    [InlineData("amd64/v3", "amd64/v3 amd64/v2 amd64")]
    [InlineData("arm", "arm arm/v6 arm/v5")]
    [InlineData("arm/v8", "arm/v8 arm arm/v6 arm/v5")]
    [InlineData("arm/v6", "arm/v6 arm/v5")]
    [InlineData("arm/v5", "arm/v5")]
    [InlineData("arm64", "arm64")]
    [InlineData("arm64/v8.2", "arm64/v8.2 arm64/v8.1 arm64")]
    [InlineData("arm64/v9", "arm64/v9 arm64/v8.5 arm64/v8.4 arm64/v8.3 arm64/v8.2 arm64/v8.1 arm64")]
    [InlineData("arm64/v7", "")]
    [InlineData("arm64/vx", "")]
    [InlineData("riscv64", "riscv64")]
    [InlineData("386", "386")]
    public void Older_variants_stand_in_but_never_another_word_size(string asked, string expected)
    {
        var platform = Platform.Parse("linux/" + asked, null).Value!;
        string.Join(' ', PlatformOrder.Candidates(platform).Select(p => p.ToString()["linux/".Length..])).ShouldBe(expected);
    }
}
