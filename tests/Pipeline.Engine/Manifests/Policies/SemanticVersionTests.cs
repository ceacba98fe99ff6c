using System.Diagnostics;
using System.Text.Json;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Manifests.Policies;

public sealed class SemanticVersionTests
{
    /// <summary>The lists that semver.org gives with its suggested expression.</summary>
    public static TheoryData<string> Valid =>
    [
        "0.0.4", "1.2.3", "10.20.30", "1.1.2-prerelease+meta", "1.1.2+meta", "1.1.2+meta-valid", "1.0.0-alpha", "1.0.0-beta", "1.0.0-alpha.beta",
        "1.0.0-alpha.beta.1", "1.0.0-alpha.1", "1.0.0-alpha0.valid", "1.0.0-alpha.0valid", "1.0.0-alpha-a.b-c-somethinglong+build.1-aef.1-its-okay",
        "1.0.0-rc.1+build.1", "2.0.0-rc.1+build.123", "1.2.3-beta", "10.2.3-DEV-SNAPSHOT", "1.2.3-SNAPSHOT-123", "1.0.0", "2.0.0", "1.1.7",
        "2.0.0+build.1848", "2.0.1-alpha.1227", "1.0.0-alpha+beta", "1.2.3----RC-SNAPSHOT.12.9.1--.12+788", "1.2.3----R-S.12.9.1--.12+meta",
        "1.2.3----RC-SNAPSHOT.12.9.1--.12", "1.0.0+0.build.1-rc.10000aaa-kk-0.1", "99999999999999999999999.999999999999999999.99999999999999999", "1.0.0-0A.is.legal",
    ];

    public static TheoryData<string> Wrong =>
    [
        "1", "1.2", "1.2.3-0123", "1.2.3-0123.0123", "1.1.2+.123", "+invalid", "-invalid", "-invalid+invalid", "-invalid.01", "alpha", "alpha.beta", "alpha.beta.1",
        "alpha.1", "alpha+beta", "alpha_beta", "alpha.", "alpha..", "beta", "1.0.0-alpha_beta", "-alpha.", "1.0.0-alpha..", "1.0.0-alpha..1", "1.0.0-alpha...1",
        "1.0.0-alpha....1", "01.1.1", "1.01.1", "1.1.01", "1.2.3.DEV", "1.2-SNAPSHOT", "1.2.31.2.3----RC-SNAPSHOT.12.09.1--..12+788", "1.2-RC-SNAPSHOT",
        "-1.0.3-gamma+b7718", "+justmeta", "9.8.7+meta+meta", "9.8.7-whatever+meta+meta", "",
        "99999999999999999999999.999999999999999999.99999999999999999----RC-SNAPSHOT.12.09.1--------------------------------..12",
    ];

    [Theory]
    [MemberData(nameof(Valid))]
    public void Valid_versions_are_read(string text) => SemanticVersion.TryParse(text, out _).ShouldBeTrue();

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Others_are_not(string text) => SemanticVersion.TryParse(text, out _).ShouldBeFalse();

    [Fact]
    public void The_order_of_the_specification()
    {
        string[] order = ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "2.0.0", "2.1.0", "2.1.1"];
        var versions = order.Select(t => SemanticVersion.TryParse(t, out var v) ? v : throw new InvalidOperationException(t)).ToList();
        versions.Reverse<SemanticVersion>().Order().ShouldBe(versions);
        versions.Zip(versions.Skip(1)).ShouldAllBe(p => p.First < p.Second && p.Second > p.First && p.First != p.Second);
    }

    [Theory]
    [InlineData("v1.2.3", "1.2.3")]
    [InlineData("42", "42.0.0")]
    [InlineData("1.20", "1.20.0")]
    [InlineData("V2.0.0-rc.1", "2.0.0-rc.1")]
    public void Tags_may_be_shorter(string tag, string version)
    {
        SemanticVersion.TryParseTag(tag, out var read).ShouldBeTrue();
        read!.ToString().ShouldBe(version);
    }

    /// <summary>The judge is npm's own semver, on random ranges and versions.</summary>
    [Fact]
    public void Ranges_hold_what_npm_says_that_they_hold()
    {
        var random = new Random(20261121);
        var ranges = Enumerable.Range(0, 600).Select(_ => RandomRange(random)).Concat(Fixed).ToList();
        var versions = Enumerable.Range(0, 60).Select(_ => RandomVersion(random)).Distinct().ToList();
        var judge = Judge(ranges, versions);
        var wrong = new List<string>();
        for (var r = 0; r < ranges.Count; r++)
        {
            var isRange = VersionRange.TryParse(ranges[r], out var range, out _);
            if (isRange != judge[r].ValueKind is JsonValueKind.Array)
                wrong.Add($"'{ranges[r]}' is {(isRange ? "a range here" : "no range here")}");
            for (var v = 0; isRange && judge[r].ValueKind == JsonValueKind.Array && v < versions.Count; v++)
            {
                SemanticVersion.TryParse(versions[v], out var version).ShouldBeTrue();
                if (range!.Contains(version!) != judge[r][v].GetBoolean())
                    wrong.Add($"'{ranges[r]}' and {versions[v]}: {range.Contains(version!)} here");
            }
        }
        wrong.ShouldBeEmpty();
        judge.Count(j => j.ValueKind == JsonValueKind.Array && j.EnumerateArray().Any(e => e.GetBoolean()) && j.EnumerateArray().Any(e => !e.GetBoolean())).ShouldBeGreaterThan(200, "the cases tell something");
    }

    private static string[] Fixed =>
    [
        "", "*", "x", "X.x", "^1.2.3", "^0.2.3", "^0.0.3", "^0.0", "^0", "^0.x", "^1.x", "~1.2.3", "~1.2", "~1", "~0", "~> 1.2", ">1.2", ">1", "<1.2", "<=1.2", "<=1", ">=1.2",
        "1.2.3 - 2.3.4", "1.2 - 2.3.4", "1.2.3 - 2.3", "1.2.3 - 2", "1 || 2", ">=1.0.0-rc.1 <2", "^1.2.3-beta.2", "~1.2.3-beta.2", "1.2.x-rc", "> 1.2.3", ">= 1.2.3 < 2.0.0",
        ">*", "<*", ">=*", "=1.2.3", "v1.2.3", ">v1.2.3", "nonsense", "1.2.3.4", ">=", "^", "1.2.3-", "-1", "01.2.3",
    ];

    private static string RandomVersion(Random random) =>
        $"{random.Next(3)}.{random.Next(3)}.{random.Next(3)}{(random.Next(3) == 0 ? new[] { "-alpha", "-alpha.1", "-beta.2", "-rc.1", "-0", "-1" }[random.Next(6)] : "")}";

    private static string RandomRange(Random random)
    {
        string Partial() => random.Next(5) switch
        {
            0 => $"{random.Next(3)}",
            1 => $"{random.Next(3)}.{random.Next(3)}",
            2 => $"{random.Next(3)}.{new[] { "x", "*", "X" }[random.Next(3)]}",
            _ => RandomVersion(random),
        };
        string One() => new[] { "", "", "^", "~", ">=", "<=", ">", "<", "=", "> ", "^ " }[random.Next(11)] + Partial();
        string Alternative() => random.Next(5) switch { 0 => $"{Partial()} - {Partial()}", 1 => One(), _ => $"{One()} {One()}" };
        return random.Next(3) == 0 ? $"{Alternative()} || {Alternative()}" : Alternative();
    }

    private static List<JsonElement> Judge(List<string> ranges, List<string> versions)
    {
        const string script = "const s=require(process.argv[1]);const i=JSON.parse(require('fs').readFileSync(0));"
            + "console.log(JSON.stringify(i.ranges.map(r=>s.validRange(r)===null?null:i.versions.map(v=>s.satisfies(v,r)))))";
        var start = new ProcessStartInfo(Npm.Node, ["-e", script, Npm.File("semver", "index.js")]);
        var run = Tool.Run(start, JsonSerializer.Serialize(new Dictionary<string, List<string>> { ["ranges"] = ranges, ["versions"] = versions }));
        run.ExitCode.ShouldBe(0, run.Output);
        return [.. JsonDocument.Parse(run.Stdout).RootElement.EnumerateArray()];
    }
}
