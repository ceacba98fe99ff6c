using Shouldly;
using Xunit;

namespace Pipeline.Engine.Manifests.Reading;

public sealed class SizeTextTests
{
    [Theory]
    [InlineData("0B", 0)]
    [InlineData("440B", 440)]
    [InlineData("32KiB", 32768)]
    [InlineData("512 MiB", 536870912)]
    [InlineData("1.5GiB", 1610612736)]
    [InlineData("2TiB", 2199023255552)]
    [InlineData("1kB", 1000)]
    [InlineData("100MB", 100000000)]
    [InlineData("1GB", 1000000000)]
    [InlineData("sector 64", 32768)]
    public void Sizes(string text, long bytes) => SizeText.Parse(text, 512).ShouldBe(bytes);

    [Fact]
    public void A_sector_is_as_large_as_the_board_says() => SizeText.Parse("sector 2", 4096).ShouldBe(8192);

    [Theory]
    [InlineData("512")]
    [InlineData("512M")]
    [InlineData("512Mib")]
    [InlineData("512mib")]
    [InlineData("1KB")]
    [InlineData("-1MiB")]
    [InlineData("+1MiB")]
    [InlineData("1e3MiB")]
    [InlineData("1,5GiB")]
    [InlineData("0.3B")]
    [InlineData("0.0001KiB")]
    [InlineData("99999999TiB")]
    [InlineData("999999999999999999TiB")]
    [InlineData("sector")]
    [InlineData("sectors 64")]
    [InlineData("64MiB\n")]
    [InlineData("٣MiB")]
    [InlineData("")]
    public void No_sizes(string text) => SizeText.Parse(text, 512).ShouldBeNull();
}
