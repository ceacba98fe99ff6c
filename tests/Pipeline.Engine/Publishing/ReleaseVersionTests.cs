using Shouldly;
using Xunit;

namespace Pipeline.Engine.Publishing;

public sealed class ReleaseVersionTests
{
    [Theory]
    [InlineData("20261121.0", true)]
    [InlineData("20261121.17", true)]
    [InlineData("20261121", false)]
    [InlineData("20261121.", false)]
    [InlineData("20261121.01", false)]
    [InlineData("20261121.-1", false)]
    [InlineData("20261321.0", false)]
    [InlineData("20261121.99999999999", false)]
    [InlineData("latest", false)]
    [InlineData(".staging-20261121.0", false)]
    public void Only_its_own_form_is_read(string text, bool isVersion)
    {
        ReleaseVersion.TryParse(text, out var version).ShouldBe(isVersion);
        if (isVersion)
            version.ToString().ShouldBe(text);
    }

    [Theory]
    [InlineData("", "20261121.0")]
    [InlineData("20261120.5", "20261121.0")]
    [InlineData("20261121.0", "20261121.1")]
    [InlineData("20261121.9 20261121.10", "20261121.11")]
    [InlineData("20261121.3", "20261121.4")]
    [InlineData("20270101.2 20261121.0", "20270101.3")]
    public void The_next_is_later_than_all(string existing, string next)
    {
        var versions = existing.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(t => ReleaseVersion.TryParse(t, out var v) ? v : throw new FormatException(t));
        ReleaseVersion.Next(new(2026, 11, 21), versions).ToString().ShouldBe(next);
    }
}
