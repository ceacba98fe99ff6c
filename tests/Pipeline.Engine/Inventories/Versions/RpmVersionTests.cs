using System.Diagnostics;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Inventories.Versions;

public sealed class RpmVersionTests
{
    private const int Seed = 20261121;
    private static readonly string[] Parts = ["0", "1", "2", "10", "01", "00", ".", ".", "_", "+", "~", "^", "a", "rc", "git", "Z", "b2"];

    [Theory]
    [InlineData("1.0", "1.0", 0)]
    [InlineData("1.0", "2.0", -1)]
    [InlineData("2.0", "2.0.1", -1)]
    [InlineData("2.0.1a", "2.0.1", 1)]
    [InlineData("5.5p1", "5.5p2", -1)]
    [InlineData("5.5p10", "5.5p1", 1)]
    [InlineData("10xyz", "10.1xyz", -1)]
    [InlineData("xyz10", "xyz10.1", -1)]
    [InlineData("xyz.4", "8", -1)]
    [InlineData("2", "xyz.4", 1)]
    [InlineData("5.5p2", "5.6p1", -1)]
    [InlineData("6.0.rc1", "6.0", 1)]
    [InlineData("10b2", "10a1", 1)]
    [InlineData("1.0a", "1.0aa", -1)]
    [InlineData("10.0001", "10.1", 0)]
    [InlineData("10.0001", "10.0039", -1)]
    [InlineData("4.999.9", "5.0", -1)]
    [InlineData("20101121", "20101122", -1)]
    [InlineData("2_0", "2.0", 0)]
    [InlineData("a+", "a_", 0)]
    [InlineData("+a", "_a", 0)]
    [InlineData("+_", "_+", 0)]
    [InlineData("1.0~rc1", "1.0", -1)]
    [InlineData("1.0~rc1", "1.0~rc2", -1)]
    [InlineData("1.0~rc1~git123", "1.0~rc1", -1)]
    [InlineData("1.0^", "1.0", 1)]
    [InlineData("1.0^git1", "1.0", 1)]
    [InlineData("1.0^git1", "1.0^git2", -1)]
    [InlineData("1.0^git1", "1.01", -1)]
    [InlineData("1.0^20160101", "1.0.1", -1)]
    [InlineData("1.0^20160102", "1.0^20160101^git1", 1)]
    [InlineData("1.0~rc1^git1", "1.0~rc1", 1)]
    [InlineData("1.0^git1~pre", "1.0^git1", -1)]
    [InlineData("1b.fc17", "1.fc17", -1)]
    [InlineData("1g.fc17", "1.fc17", 1)]
    [InlineData("1.1.α", "1.1.β", 0)]
    [InlineData("99999999999999999999999", "100000000000000000000000", -1)]
    public void Vectors(string left, string right, int order)
    {
        RpmVersion.Compare(left, right).ShouldBe(order);
        RpmVersion.Compare(right, left).ShouldBe(-order);
    }

    [Fact]
    public void Rpm_itself_says_the_same_of_thousands()
    {
        var pairs = new RandomVersions(Seed, Parts).Pairs(4000);
        var orders = pairs.Select(p => RpmVersion.Compare(p.Left, p.Right)).ToArray();
        Judge(pairs).ShouldBe(orders);
        orders.Distinct().Order().ShouldBe([-1, 0, 1]);
    }

    [Fact]
    public void Epoch_version_and_release_of_packages_compare_as_rpm_says()
    {
        var packages = from epoch in new[] { 0, 1 } from version in new[] { "1.0", "1.1~a", "1.1" } from release in new[] { "1.fc40", "2.fc40", "1.fc41" } select new Package(PackageManager.Rpm, "a", "x86_64", epoch, version, release);
        var pairs = (from a in packages from b in packages select (a, b)).ToArray();
        Judge([.. pairs.Select(p => (p.a.FullVersion, p.b.FullVersion))]).ShouldBe(pairs.Select(p => VersionOrder.Compare(p.a, p.b)!.Value));
    }

    [Fact]
    public void It_is_an_order() => OrderProperties.Hold(new(Seed, Parts), (a, b) => RpmVersion.Compare(a, b));

    private static int[] Judge((string Left, string Right)[] pairs)
    {
        const string script = "%{lua: for line in io.lines() do local a, b = line:match('^(%S+) (%S+)$') print(rpm.vercmp(a, b) .. ' ') end}";
        var result = Tool.Run(new ProcessStartInfo("rpm", ["--eval", script]), string.Concat(pairs.Select(p => $"{p.Left} {p.Right}\n")));
        result.ExitCode.ShouldBe(0, result.Output);
        return [.. result.Stdout.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Where(w => w.Length > 0).Select(int.Parse)];
    }
}
