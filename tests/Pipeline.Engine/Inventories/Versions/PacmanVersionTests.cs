using System.Diagnostics;
using Pipeline.Engine.Inventories.Dpkg;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Inventories.Versions;

/// <summary>The judge is pacman's own library.</summary>
public sealed class PacmanVersionTests
{
    private const int Seed = 20261121;
    private static readonly string[] Parts = ["0", "1", "2", "10", "01", "00", ".", ".", "_", "+", "~", "^", "a", "rc", "alpha", "Z", "b2"];

    [Theory]
    [InlineData("1.5.0", "1.5.1", -1)]
    [InlineData("1.5", "1.5.1", -1)]
    [InlineData("1.0a", "1.0", -1)]
    [InlineData("1.0rc", "1.0", -1)]
    [InlineData("1.0.rc", "1.0", 1)]
    [InlineData("1.5.a", "1.5", 1)]
    [InlineData("1.5.b", "1.5.1", -1)]
    [InlineData("2.0", "2_0", 0)]
    [InlineData("2.0", "2..0", -1)]
    [InlineData("2.0.", "2.0", 1)]
    [InlineData("1.0", "1.00", 0)]
    public void Vectors(string left, string right, int order)
    {
        PacmanVersion.Compare(left, right).ShouldBe(order);
        Judge([(left, right)]).ShouldBe([order]);
    }

    [Fact]
    public void Pacman_itself_says_the_same_of_thousands()
    {
        var pairs = new RandomVersions(Seed, Parts).Pairs(10_000).Select((p, i) => (Left: Decorate(p.Left, i), Right: Decorate(p.Right, i / 5))).ToArray();
        var told = Judge(pairs);
        foreach (var ((left, right), order) in pairs.Zip(told))
            VersionOrder.Compare(Package(left), Package(right)).ShouldBe(order, $"{left} {right}");
        told.Distinct().Order().ShouldBe([-1, 0, 1]);
    }

    [Fact]
    public void Turned_round_it_says_the_opposite() => OrderProperties.Hold(new(Seed, Parts), (a, b) => PacmanVersion.Compare(a, b), isTransitive: false);

    private static string Decorate(string version, int i) => (i % 5) switch { 0 => version, 1 => $"1:{version}-1", 2 => $"{version}-1", 3 => $"{version}-2.1", _ => $"2:{version}" };

    private static Package Package(string text)
    {
        var (epoch, version, release) = DpkgDatabase.Split(text);
        return new(PackageManager.Alpm, "a", "x86_64", epoch, version, release);
    }

    private static int[] Judge((string Left, string Right)[] pairs)
    {
        const string script = "import ctypes, sys\nlib = ctypes.CDLL('libalpm.so.13')\nfor line in sys.stdin:\n a, b = line.split()\n print(lib.alpm_pkg_vercmp(a.encode(), b.encode()))";
        var result = Tool.Run(new ProcessStartInfo("python3", ["-c", script]), string.Concat(pairs.Select(p => $"{p.Left} {p.Right}\n")));
        result.ExitCode.ShouldBe(0, result.Output);
        return [.. result.Stdout.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => Math.Sign(int.Parse(l)))];
    }
}
