using Pipeline.Engine.Manifests.Models;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Manifests.Policies;

public sealed class TagChoiceTests
{
    private static readonly string[] Tags =
    [
        "latest", "41", "42", "42.20250901.0", "42.20251001.0", "43-beta", "v1.9.0", "v1.10.0", "v1.10.0-rc.1", "v2.0.0", "1.10", "stable-20251001", "stable-20250901", "stable-9",
        "nightly-20251101", "sha256-aa.sig", "sha256-aa.att", "RELEASE.2025-09-01T00-00-00Z", "RELEASE.2025-10-01T00-00-00Z", "3.10", "3.9", "3.1",
    ];

    [Theory]
    [InlineData(FollowKind.Tag, "stable-9", null, TagOrder.Semver, false, "stable-9")]
    [InlineData(FollowKind.Tag, "gone", null, TagOrder.Semver, false, null)]
    [InlineData(FollowKind.Semver, "^1", null, TagOrder.Semver, false, "v1.10.0")]
    [InlineData(FollowKind.Semver, "^1", null, TagOrder.Semver, true, "v1.9.0")]
    [InlineData(FollowKind.Semver, ">=1 <3 || 3.x", null, TagOrder.Semver, false, "3.10")]
    [InlineData(FollowKind.Semver, ">=1.10.0-rc <1.10.0", null, TagOrder.Semver, false, "v1.10.0-rc.1")]
    [InlineData(FollowKind.Semver, "42", null, TagOrder.Semver, false, "42.20251001.0")]
    [InlineData(FollowKind.Semver, "^9", null, TagOrder.Semver, false, null)]
    [InlineData(FollowKind.Pattern, "^stable-(\\d{8})$", "$1", TagOrder.Numerical, false, "stable-20251001")]
    [InlineData(FollowKind.Pattern, "^stable-(\\d{8})$", "$1", TagOrder.Numerical, true, "stable-20250901")]
    [InlineData(FollowKind.Pattern, "^stable-(?<n>\\d+)$", "${n}", TagOrder.Numerical, true, "stable-9")]
    [InlineData(FollowKind.Pattern, "^stable-(\\d+)$", null, TagOrder.Alphabetical, false, "stable-9")]
    [InlineData(FollowKind.Pattern, "^RELEASE\\.", null, TagOrder.Alphabetical, false, "RELEASE.2025-10-01T00-00-00Z")]
    [InlineData(FollowKind.Pattern, "^3\\.\\d+$", null, TagOrder.Numerical, false, "3.9")]
    [InlineData(FollowKind.Pattern, "^3\\.\\d+$", null, TagOrder.Semver, false, "3.10")]
    [InlineData(FollowKind.Pattern, "sha256", null, TagOrder.Alphabetical, false, null)]
    [InlineData(FollowKind.Pattern, "nothing", null, TagOrder.Alphabetical, false, null)]
    public void The_tag_that_is_meant(FollowKind kind, string text, string? extract, TagOrder order, bool lowest, string? expected)
    {
        var policy = new FollowPolicy(kind, text, extract, order, lowest, new("images/x/image.yaml", 1, 1));
        TagChoice.Order(policy, Tags).FirstOrDefault().ShouldBe(expected);
        TagChoice.Order(policy, Tags.Reverse()).FirstOrDefault().ShouldBe(expected, "whatever order they come in");
    }

    /// <summary>By trying every way it would not end before the sun does: that it ends is the proof, and no clock is asked.</summary>
    [Fact]
    public void A_hostile_pattern_and_long_tags_come_to_an_end()
    {
        var policy = new FollowPolicy(FollowKind.Pattern, "^(a+)+$", "$1", TagOrder.Alphabetical, false, new("x", 1, 1));
        TagChoice.Order(policy, Enumerable.Range(0, 1000).Select(i => new string('a', 100) + i)).ShouldBeEmpty();
    }
}
