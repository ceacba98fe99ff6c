using System.Text.Json;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Units;
using Pipeline.Engine.Inventories;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Planning;
using Pipeline.Engine.Reconciling;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Publishing.Packages;

/// <summary>Whole rounds over a fake builder that says what its sources hold.</summary>
public sealed class ReleasePackagesTests : IDisposable
{
    private readonly Factory _factory = new();
    private readonly Dictionary<string, string> _packages = new() { ["linux/amd64"] = "bash 5.1-1;gone 1-1", ["linux/arm64"] = "bash 5.1-1" };

    public ReleasePackagesTests()
    {
        _factory.Sources.Push("base:1", "v1", "v1");
        _factory.Builder.Inventory = t => SampleInventories.Rpm(t.Board.Platform.ToString(), _packages[t.Board.Platform.ToString()], string.Join(' ', t.Inputs!.Deciding.Values));
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _factory.Dispose();

    [Fact]
    public async Task The_next_release_tells_what_became_of_the_packages_and_pulls_nothing()
    {
        var first = await RoundAsync("pc", "pi");
        Notes(first).ShouldContain("- `linux/amd64`: 2 packages, listed in `kiosk-amd64.packages.json`.\n");
        Files(first, "*.packages.json").ShouldBe(["kiosk-amd64.packages.json", "kiosk-arm64.packages.json"]);
        Record(first).Targets["kiosk/pi/disk"].Packages!.Name.ShouldBe("kiosk-arm64.packages.json");

        _factory.Sources.Push("base:1", "v2", "v2");
        (_packages["linux/amd64"], _packages["linux/arm64"]) = ("bash 5.2-1", "bash 5.2-1");
        var second = await RoundAsync("pc", "pi");
        var notes = Notes(second);
        notes.ShouldContain("### On all platforms\n\n**⬆ Upgraded (1)**");
        notes.ShouldContain("| bash | `5.1-1` | `5.2-1` |");
        notes.ShouldContain("### On `linux/amd64` only\n\n**Removed (1)**");
        Sums(second).ExitCode.ShouldBe(0);
        using var changes = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(second, "kiosk.changes.json")));
        changes.RootElement.GetProperty("platforms")[0].GetProperty("packages").GetArrayLength().ShouldBe(2);
    }

    [Fact]
    public async Task Boards_of_one_platform_share_a_list()
    {
        _factory.ManifestInputs = (_, _) => new Dictionary<string, string>();
        var boards = SampleImages.Workspace(SampleImages.Image("kiosk", "base:1", "pc", "box"));
        boards = boards with { Boards = boards.Boards.Add("box", SampleImages.Board("box", SampleImages.Amd64)) };
        var release = Path.Combine(_factory.ShelfOf("kiosk"), "latest");
        (await _factory.Reconciler().RunOnceAsync(boards, Ct)).Status.ShouldBe(ReconcileStatus.Done);
        Files(release, "*.packages.json").ShouldBe(["kiosk-amd64.packages.json"]);
        Record(release).Targets.Values.Select(t => t.Packages!.Name).Distinct().ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_board_that_is_carried_over_keeps_its_list_and_an_older_container_its_name()
    {
        var boards = SampleImages.Workspace(SampleImages.Image("kiosk", "base:1", "pc", "box"));
        boards = boards with { Boards = boards.Boards.Add("box", SampleImages.Board("box", SampleImages.Amd64)) };
        _factory.ManifestInputs = (_, _) => new Dictionary<string, string>();
        (await _factory.Reconciler().RunOnceAsync(boards, Ct)).Status.ShouldBe(ReconcileStatus.Done);
        _factory.Sources.Push("base:1", "v2", "v2");
        _packages["linux/amd64"] = "bash 5.2-1";
        var selection = new Resolving.TargetSelection([], ["pc"]);
        (await _factory.Reconciler(selection: selection).RunOnceAsync(boards, Ct)).Status.ShouldBe(ReconcileStatus.Done);

        var release = Path.Combine(_factory.ShelfOf("kiosk"), "latest");
        var record = Record(release);
        record.Targets["kiosk/box/disk"].Packages!.Name.ShouldBe("kiosk-amd64.packages.json");
        record.Targets["kiosk/pc/disk"].Packages!.Name.ShouldStartWith("kiosk-amd64-");
        Read(release, record.Targets["kiosk/box/disk"]).Packages.Packages.Length.ShouldBe(2);
        Read(release, record.Targets["kiosk/pc/disk"]).Packages.Packages.ShouldHaveSingleItem().FullVersion.ShouldBe("5.2-1");
        Notes(release).ShouldContain("| bash | `5.1-1` | `5.2-1` |");
    }

    [Theory]
    [InlineData("gone")]
    [InlineData("changed")]
    public async Task A_list_that_got_lost_is_told_and_stops_nothing(string what)
    {
        var first = await RoundAsync("pc");
        var list = Path.Combine(first, "kiosk-amd64.packages.json");
        if (what == "gone")
            File.Delete(list);
        else
            Damage.FlipBit(list, 40);
        _factory.Sources.Push("base:1", "v2", "v2");
        var second = await RoundAsync("pc");
        Notes(second).ShouldContain("What changed cannot be told, because 20261121.0 has no list of its packages.");
        Record(second).Targets["kiosk/pc/disk"].Packages.ShouldNotBeNull();
    }

    [Fact]
    public async Task Releases_of_old_programs_have_no_list_and_are_followed_all_the_same()
    {
        _factory.Builder.Inventory = _ => null;
        var first = await RoundAsync("pc");
        File.ReadAllText(Path.Combine(first, "inputs.json")).ShouldNotContain("packages");
        _factory.Sources.Push("base:1", "v2", "v2");
        _factory.Builder.Inventory = t => SampleInventories.Rpm(t.Board.Platform.ToString(), "bash 5.2-1");
        Notes(await RoundAsync("pc")).ShouldContain("1 package, listed in `kiosk-amd64.packages.json`. What changed cannot be told");
    }

    /// <summary>Held back and let go: what the notes compare with is the last release, however long ago.</summary>
    [Fact]
    public async Task After_a_hold_everything_since_the_last_release_is_told()
    {
        await RoundAsync("pc");
        _factory.Sources.Push("base:1", "v2", "v2");
        _packages["linux/amd64"] = "bash 5.2-1;gone 1-1";
        var held = SampleImages.Workspace(SampleImages.Image("kiosk", "base:1", "pc") with { IsSuspended = true });
        (await _factory.Reconciler().RunOnceAsync(held, Ct)).Images[0].Result.ShouldBe(ImageResult.Suspended);
        _factory.Sources.Push("base:1", "v3", "v3");
        _packages["linux/amd64"] = "bash 5.3-1;gone 1-1";
        _factory.Clock.Now = _factory.Clock.Now.AddDays(40);
        var notes = Notes(await RoundAsync("pc"));
        notes.ShouldContain("Follows 20261121.0, 40 days later.");
        notes.ShouldContain("| bash | `5.1-1` | `5.3-1` |");
    }

    [Fact]
    public async Task A_container_in_which_nothing_was_found_has_no_list_and_the_notes_say_so()
    {
        _packages["linux/amd64"] = "";
        for (var round = 1; round <= 2; round++)
        {
            _factory.Sources.Push("base:1", $"v{round}", $"v{round}");
            var release = await RoundAsync("pc", "pi");
            Files(release, "*.packages.json").ShouldBe(["kiosk-arm64.packages.json"]);
            Record(release).Targets["kiosk/pc/disk"].Packages.ShouldBeNull();
            Notes(release).ShouldContain("- `linux/amd64`: No package database in the container.\n");
            Notes(release).ShouldContain("1 layer, 1 MiB");
            Notes(release).ShouldNotContain("cannot be told");
            Sums(release).ExitCode.ShouldBe(0);
            using var changes = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(release, "kiosk.changes.json")));
            changes.RootElement.GetProperty("platforms")[0].GetProperty("list").ValueKind.ShouldBe(JsonValueKind.Null);
        }
        _packages["linux/amd64"] = "bash 5.1-1";
        _factory.Sources.Push("base:1", "v3", "v3");
        Notes(await RoundAsync("pc", "pi")).ShouldContain("What changed cannot be told, because 20261121.1 has no list of its packages.");
    }

    [Fact]
    public async Task What_was_built_before_and_is_released_now_has_its_list()
    {
        var shelf = new BuiltImages(_factory.Temp["built"]);
        var workspace = SampleImages.Workspace(SampleImages.Image("kiosk", "base:1", "pc"));
        var host = _factory.Host();
        var parts = new ReconcilerParts(_factory.Resolver(), _factory.Builder, host, new(host, null), _factory.Reporter);
        var options = new ReconcileOptions { ScratchDirectory = _factory.Temp["scratch"] };
        (await new LocalBuild(parts, options, shelf).RunAsync(workspace, Ct)).Status.ShouldBe(ReconcileStatus.Done);
        File.Exists(_factory.Temp["built/kiosk/kiosk-pc.packages.json"]).ShouldBeTrue();

        var reusing = parts with { Builder = new ReusingBuilder(shelf, _factory.Builder) };
        var outcome = await new Reconciler(reusing, options).RunOnceAsync(workspace, Ct);
        _factory.Builder.Calls.Count.ShouldBe(1, "it was built once");
        Read(outcome.Images[0].Release!.Location, Record(outcome.Images[0].Release!.Location).Targets["kiosk/pc/disk"]).Packages.Packages.Length.ShouldBe(2);
    }

    private async Task<string> RoundAsync(params string[] boards)
    {
        var outcome = await _factory.Reconciler().RunOnceAsync(SampleImages.Workspace(SampleImages.Image("kiosk", "base:1", boards)), Ct);
        outcome.Images[0].Diagnostics.Where(d => d.Rule.Severity == Severity.Error).ShouldBeEmpty();
        return outcome.Images[0].Release!.Location;
    }

    private static string Notes(string release) => File.ReadAllText(Path.Combine(release, "CHANGELOG.md"));

    private static string[] Files(string release, string pattern) => [.. Directory.GetFiles(release, pattern).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal)];

    private static ReleaseRecord Record(string release)
    {
        ReleaseRecordJson.TryRead(File.ReadAllBytes(Path.Combine(release, "inputs.json")), out var record, out var problem).ShouldBeTrue(problem);
        return record!;
    }

    private static SourceInventory Read(string release, PublishedTarget target)
    {
        var json = File.ReadAllBytes(Path.Combine(release, target.Packages!.Name));
        Digest.Sha256(json).ShouldBe(target.Packages.Sha256);
        InventoryJson.TryRead(json, out var inventory, out var problem).ShouldBeTrue(problem);
        return inventory!;
    }

    private static ToolResult Sums(string release) => Tool.Run("bash", "-c", $"cd {release} && sha256sum --quiet -c SHA256SUMS");
}
