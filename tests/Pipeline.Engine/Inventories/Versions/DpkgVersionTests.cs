using System.Diagnostics;
using Pipeline.Engine.Inventories.Dpkg;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Inventories.Versions;

public sealed class DpkgVersionTests
{
    private const int Seed = 20261121;
    private static readonly string[] Parts = ["0", "1", "2", "10", "01", "00", ".", ".", "+", "~", "~", "a", "rc", "deb12u", "Z", "b2"];

    [Theory]
    [InlineData("1.0~rc1", "1.0", -1)]
    [InlineData("1.0a", "1.0+", -1)]
    [InlineData("1.0", "1.00", 0)]
    [InlineData("1.0", "1.0a", -1)]
    [InlineData("", "0", 0)]
    [InlineData("", "~", 1)]
    [InlineData("~~", "~", -1)]
    [InlineData("~~a", "~", -1)]
    [InlineData("~", "a", -1)]
    [InlineData("1.9", "1.10", -1)]
    [InlineData("a", "Z", 1)]
    [InlineData("7.6p2", "7.6", 1)]
    [InlineData("1.0.3", "1.0.3-1", -1)]
    [InlineData("2.7.4+reloaded2-13ubuntu1", "2.7.4+reloaded2-13ubuntu1.1", -1)]
    [InlineData("1.2.3~rc1+b1", "1.2.3~rc1", 1)]
    [InlineData("99999999999999999999999", "100000000000000000000000", -1)]
    public void Vectors(string left, string right, int order)
    {
        DpkgVersion.Compare(left, right).ShouldBe(order);
        DpkgVersion.Compare(right, left).ShouldBe(-order);
    }

    /// <summary>One shell for all: a process of dpkg for each question is what takes the time.</summary>
    [Fact]
    public void Dpkg_itself_says_the_same_of_hundreds()
    {
        var random = new RandomVersions(Seed, [.. Parts, "-", "-1"]);
        var pairs = random.Pairs(400).Select((p, i) => (Left: $"{Epoch(i)}1{p.Left}", Right: $"{Epoch(i / 3)}1{p.Right}")).Where(p => p.Left[^1] != '-' && p.Right[^1] != '-').ToArray();
        const string script = "while read -r a b; do if dpkg --compare-versions \"$a\" lt \"$b\"; then echo -1; elif dpkg --compare-versions \"$a\" gt \"$b\"; then echo 1; else echo 0; fi; done";
        var result = Tool.Run(new ProcessStartInfo("sh", ["-c", script]), string.Concat(pairs.Select(p => $"{p.Left} {p.Right}\n")));
        result.Stderr.ShouldBeEmpty();
        var told = result.Stdout.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse).ToArray();
        foreach (var ((left, right), order) in pairs.Zip(told))
            VersionOrder.Compare(Package(left), Package(right)).ShouldBe(order, $"{left} {right}");
        told.Length.ShouldBeGreaterThan(300);
        told.Distinct().Order().ShouldBe([-1, 0, 1]);
    }

    [Fact]
    public void It_is_an_order() => OrderProperties.Hold(new(Seed, Parts), (a, b) => DpkgVersion.Compare(a, b));

    private static string Epoch(int i) => (i % 3) switch { 0 => "", 1 => "0:", _ => "1:" };

    private static Package Package(string text)
    {
        var (epoch, version, revision) = DpkgDatabase.Split(text);
        return new(PackageManager.Deb, "a", "amd64", epoch, version, revision);
    }
}
