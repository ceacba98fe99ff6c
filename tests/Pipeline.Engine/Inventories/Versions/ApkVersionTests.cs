using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Inventories.Versions;

/// <summary>No package of Debian has apk: the vectors are facts about what it says, chosen from its documentation and tests.</summary>
public sealed class ApkVersionTests
{
    private const int Seed = 20261121;

    [Theory]
    [InlineData("1.3_alpha < 1.3_alpha2 < 1.3_beta < 1.3_pre < 1.3_rc4 < 1.3 < 1.3_cvs < 1.3_svn < 1.3_git20200101 < 1.3_hg < 1.3_p1")]
    [InlineData("2.34 > 0.1.0_alpha")]
    [InlineData("0.1.0_alpha = 0.1.0_alpha")]
    [InlineData("1.0.4-r3 < 1.0.4-r4 < 1.6")]
    [InlineData("1.0.0 < 1.0.1 < 1.1_alpha1 < 1.1 < 1.2 < 1.2.1")]
    [InlineData("0.8_beta4 < 4.8-r1 > 3.10.18-r1 > 2.3.0b-r1 < 2.3.0b-r2")]
    [InlineData("0.12 < 0.12.3 < 0.13_beta1 < 0.13_beta5")]
    [InlineData("3.1_p16 < 3.1_p17 > 1.06-r6 < 006 > 1.0.0")]
    [InlineData("2.01.01_alpha10 > 0.94")]
    [InlineData("1.00_beta2 > 0.9.2 < 5.94-r1")]
    [InlineData("1.02 < 1.03-r1 < 1.12.12-r2")]
    [InlineData("4.2.52_p2-r1 < 4.2.52_p4-r2 > 1.02.07 < 1.02.10-r1")]
    [InlineData("20040923-r2 > 20040401 > 2.0.0_rc3-r1")]
    [InlineData("2.5.1-r8 < 2.5.1a-r1")]
    [InlineData("1.7 < 1.7b < 1.8.4-r3")]
    [InlineData("087-r1 < 103 < 104-r9 < 104-r11")]
    [InlineData("2.9.11_pre20051101-r2 < 2.9.11_pre20051101-r3 < 2.9.11_pre20061021-r1")]
    [InlineData("1.07 < 1.07.5 < 1.19")]
    [InlineData("1.07 < 1.07-r1")]
    [InlineData("1.0_p9-r0 < 1.0_p10-r0")]
    [InlineData("0.1.0_alpha_pre2 < 0.1.0_alpha")]
    [InlineData("1.0.0_pre20191002222144-r0 < 1.0.0_pre20210530193627-r0")]
    [InlineData("1.3-r0 < 1.3.1-r0")]
    [InlineData("1.05 < 1.1")]
    [InlineData("1.2~abc-r0 < 1.2~abd-r0")]
    public void Vectors(string chain)
    {
        var words = chain.Split(' ');
        for (var i = 0; i + 2 < words.Length; i += 2)
        {
            var order = words[i + 1] switch { "<" => -1, ">" => 1, _ => 0 };
            ApkVersion.Compare(words[i], words[i + 2]).ShouldBe(order, $"{words[i]} {words[i + 2]}");
            ApkVersion.Compare(words[i + 2], words[i]).ShouldBe(-order);
        }
    }

    [Theory]
    [InlineData("1.0bc")]
    [InlineData("23_foo")]
    [InlineData("")]
    [InlineData("a1")]
    [InlineData("1.")]
    [InlineData("1..2")]
    [InlineData("1.0-r")]
    [InlineData("1.0-3")]
    [InlineData("1.0_")]
    [InlineData("1.0~")]
    [InlineData("1.0-r1_p1")]
    public void Of_what_is_no_version_nobody_knows_which_is_newer(string text)
    {
        ApkVersion.Compare(text, "1.0").ShouldBeNull();
        ApkVersion.Compare("1.0", text).ShouldBeNull();
    }

    [Fact]
    public void It_is_an_order() => OrderProperties.Hold(
        new(Seed, ["1", "0", "1.0", ".2", ".05", "_rc1", "_p", "_git2", "-r1", "-r2", "b", "~ab"]), (a, b) => ApkVersion.Compare("1" + a, "1" + b) ?? 0, isTransitive: false);
}
