using System.Diagnostics;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.EndToEnd;

/// <summary>A run that dies at any moment: readers see whole releases only, and the next run finishes the work and tidies up.</summary>
public sealed class KilledTests(RegistryFixture fixture) : IClassFixture<RegistryFixture>
{
    private const int Images = 6;
    private const int Rounds = 5;
    private const int BallastBytes = 3 << 20;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_rerun_completes_what_a_killed_run_began()
    {
        var seed = Environment.TickCount;
        TestContext.Current.SendDiagnosticMessage($"seed {seed}");
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var lines = await LinesOfWholeRunAsync(random);
        for (var round = 0; round < Rounds; round++)
        {
            using var fleet = await RaiseAsync(random);
            // Moments are counted in lines of events, which are as many on a busy machine; the pause reaches between them.
            var (line, pause) = (random.Next(lines), TimeSpan.FromMilliseconds(random.Next(30)));
            await KillAsync(fleet, line, pause);
            var moment = $"seed {seed}, round {round}: killed {pause.TotalMilliseconds} ms after line {line} of {lines}";
            ShouldBeWhole(fleet, moment);
            var rerun = await fleet.RunAsync(Ct, "reconcile", "--json");
            rerun.ExitCode.ShouldBe(0, moment + "\n" + rerun.Output);
            ShouldBeWhole(fleet, moment);
            for (var i = 0; i < Images; i++)
                fleet.Releases($"image-{i}").Length.ShouldBe(1, moment);
            Scratch.Of(fleet).ShouldBeEmpty(moment);
        }
    }

    private async Task<Fleet> RaiseAsync(Random random)
    {
        var fleet = new Fleet(fixture.Registry);
        var repository = $"killed-{Guid.NewGuid():n}";
        var ballast = new byte[BallastBytes];
        random.NextBytes(ballast);
        await fixture.Registry.PushAsync(fleet.Layout, fleet.System("linux/amd64", "one", 62, ballast), repository, "1", Ct);
        for (var i = 0; i < Images; i++)
            fleet.AddImage($"image-{i}", repository);
        return fleet;
    }

    private async Task<int> LinesOfWholeRunAsync(Random random)
    {
        using var fleet = await RaiseAsync(random);
        var run = (await fleet.RunAsync(Ct, "reconcile", "--json", "--verbose")).ShouldEndWith(0);
        Scratch.Of(fleet).ShouldBeEmpty();
        ShouldBeWhole(fleet, "not killed");
        Damage.FlipBit(Path.Combine(fleet.Latest("image-0"), "image-0-plain.img"), 1 << 20);
        Sums(fleet.Latest("image-0")).ExitCode.ShouldNotBe(0);
        var lines = run.Stdout.Count(c => c == '\n');
        lines.ShouldBeGreaterThan(2 * Images, run.Stdout);
        return lines;
    }

    private static async Task KillAsync(Fleet fleet, int line, TimeSpan pause)
    {
        using var process = fleet.Program.Start("reconcile", "--json", "--verbose", "--repo", fleet.RootPath);
        _ = process.StandardError.ReadToEndAsync(Ct);
        for (var read = 0; read < line && await process.StandardOutput.ReadLineAsync(Ct) is not null; read++)
        {
        }
        await Task.Delay(pause, Ct);
        process.Kill(); // SIGKILL
        await process.WaitForExitAsync(Ct);
    }

    private static void ShouldBeWhole(Fleet fleet, string moment)
    {
        var releases = Enumerable.Range(0, Images).SelectMany(i => fleet.Releases($"image-{i}")).ToList();
        foreach (var release in releases)
        {
            var names = Directory.EnumerateFiles(release).Select(f => Path.GetFileName(f)!);
            string[] whole =
            [
                "CHANGELOG.md", "SHA256SUMS", $"{ImageOf(release)}-plain.img", $"{ImageOf(release)}.intoto.jsonl", $"{ImageOf(release)}.changes.json", $"{ImageOf(release)}-amd64.packages.json",
                "inputs.json",
            ];
            names.ShouldBe(whole, ignoreOrder: true, customMessage: $"{moment}: {release}");
            Sums(release).ExitCode.ShouldBe(0, $"{moment}: {release}");
        }
    }

    private static ToolResult Sums(string release) => Tool.Run("bash", "-c", $"cd {release} && sha256sum --quiet -c SHA256SUMS");

    private static string ImageOf(string release) => Path.GetFileName(Path.GetDirectoryName(release)!);
}
