using System.Text.Json;
using Pipeline.Kit;
using Pipeline.Oci.Documents;
using Shouldly;
using Xunit;

namespace Pipeline.EndToEnd;

/// <summary>
/// Containers with package databases that real tools made, twice: the program releases both, and the second release says
/// what became of the packages without asking for the first container again. Alpine's database is written by hand.
/// </summary>
public sealed class PackageNotesTests : IAsyncLifetime
{
    private readonly TempDir _temp = new();
    private DockerRegistry _registry = null!;
    private Fleet _fleet = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _registry = await DockerRegistry.StartAsync(Ct);
        _fleet = new Fleet(_registry).AddImage("kiosk", "notes/base");
    }

    public ValueTask DisposeAsync()
    {
        _fleet.Dispose();
        _registry.Dispose();
        _temp.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Rpm()
    {
        var system = new RpmSystem(_temp["rpm"]).Install(
            new RpmSpec("alpha", "1.0-1.fc40") { Epoch = 1, Parts = ["libs"] }, new RpmSpec("kernel-core", "6.8.1-300.fc40"), new RpmSpec("down", "2.0-1"), new RpmSpec("gone", "1-1"),
            new RpmSpec("again", "1-1") { Note = "first" });
        // As rpm-ostree has it: the same file under two names.
        Directory.CreateDirectory(Path.Combine(system.RootPath, "usr/share/rpm"));
        Tool.Require("ln", system.DatabasePath, Path.Combine(system.RootPath, "usr/share/rpm/rpmdb.sqlite"));
        await ReleaseAsync(system.RootPath, "fedora");
        system.Upgrade(new RpmSpec("alpha", "1.0^git1-1.fc40") { Epoch = 1, Parts = ["libs"] }, new RpmSpec("down", "1.9-1"), new RpmSpec("again", "1-1") { Note = "second" })
            .Install(new RpmSpec("kernel-core", "6.10.0-100.fc40"), new RpmSpec("fresh", "1-1")).Erase("gone");

        var notes = await ReleaseAsync(system.RootPath, "fedora");

        notes.ShouldContain("| kernel: kernel-core | `6.8.1-300.fc40` | `6.8.1-300.fc40`, `6.10.0-100.fc40` ⬆ |");
        notes.ShouldContain("; 3 upgraded, 1 downgraded, 1 rebuilt, 1 added, 1 removed.");
        notes.ShouldContain("| alpha: alpha, alpha-libs | `1:1.0-1.fc40` | `1:1.0^git1-1.fc40` |");
        notes.ShouldContain("**⬇ Downgraded (1)**\n\n| package | before | now |\n| --- | --- | --- |\n| down | `2.0-1` | `1.9-1` |");
        notes.ShouldContain("| again | `1-1` | `1-1` |");
        notes.ShouldContain("| fresh | `1-1` |");
        notes.ShouldContain("| gone | `1-1` |");
        ShouldListAll(system.Query("%{name}").Order(StringComparer.Ordinal), "pkg:rpm/fedora/alpha@1.0%5Egit1-1.fc40?arch=x86_64&distro=fedora-1&epoch=1");
    }

    [Fact]
    public async Task Dpkg()
    {
        var system = new DpkgSystem(_temp["dpkg"])
            .Install("alpha", "1:2.0~rc1-1", "amd64", "Source: alpha-src").Install("libalpha", "1:2.0~rc1-1", "amd64", "Source: alpha-src")
            .Install("linux-image-6.1", "6.1.119-1").Install("gone", "1.0").Install("held", "1.0-1").Install("same", "1.0-1");
        await ReleaseAsync(system.RootPath, "debian");
        system.Install("alpha", "1:2.0-1", "amd64", "Source: alpha-src").Install("libalpha", "1:2.0-1", "amd64", "Source: alpha-src").Install("linux-image-6.1", "6.1.123-1")
            .Install("same", "1.0-1+b1").Remove("gone").Hold("held");

        var notes = await ReleaseAsync(system.RootPath, "debian");

        notes.ShouldContain("| kernel: linux-image-6.1 | `6.1.119-1` | `6.1.123-1` ⬆ |");
        notes.ShouldContain("; 3 upgraded, 1 rebuilt, 1 removed.");
        notes.ShouldContain("| alpha-src: alpha, libalpha | `1:2.0~rc1-1` | `1:2.0-1` |");
        notes.ShouldContain("| same | `1.0-1` | `1.0-1+b1` |");
        notes.ShouldContain("| gone | `1.0` |");
        ShouldListAll(system.Query().Select(l => l.Split(' ')[0]), "pkg:deb/debian/alpha@1:2.0-1?arch=amd64&distro=debian-1");
    }

    [Fact]
    public async Task Pacman()
    {
        var system = new PacmanSystem(_temp["arch"]).Install("linux", "6.9.1.arch1-1", "linux").Install("hello", "1:1.0-1", "hello");
        await ReleaseAsync(system.RootPath, "arch");
        system.Install("linux", "6.9.2.arch1-1", "linux").Install("hello", "1:1.0-2", "hello");

        var notes = await ReleaseAsync(system.RootPath, "arch");

        notes.ShouldContain("| kernel: linux | `6.9.1.arch1-1` | `6.9.2.arch1-1` ⬆ |");
        notes.ShouldContain("| hello | `1:1.0-1` | `1:1.0-2` |");
        ShouldListAll(["hello", "linux"], "pkg:alpm/arch/hello@1:1.0-2?arch=x86_64&distro=arch-1");
    }

    [Fact]
    public async Task Apk()
    {
        var root = Directory.CreateDirectory(_temp["alpine"]).FullName;
        Directory.CreateDirectory(Path.Combine(root, "lib/apk/db"));
        await File.WriteAllTextAsync(Path.Combine(root, "lib/apk/db/installed"), "P:musl\nV:1.2.5_git1-r0\nA:x86_64\no:musl\n\nP:busybox\nV:1.36-r9\nA:x86_64\no:busybox\n\n", Ct);
        await ReleaseAsync(root, "alpine");
        await File.WriteAllTextAsync(Path.Combine(root, "lib/apk/db/installed"), "P:musl\nV:1.2.5-r1\nA:x86_64\no:musl\n\nP:busybox\nV:1.36-r10\nA:x86_64\no:busybox\n\n", Ct);

        var notes = await ReleaseAsync(root, "alpine");

        notes.ShouldContain("| busybox | `1.36-r9` | `1.36-r10` |");
        notes.ShouldContain("**⬇ Downgraded (1)**\n\n| package | before | now |\n| --- | --- | --- |\n| musl | `1.2.5_git1-r0` | `1.2.5-r1` |");
        ShouldListAll(["busybox", "musl"], "pkg:apk/alpine/musl@1.2.5-r1?arch=x86_64&distro=alpine-1");
    }

    /// <summary>The root as a layer on a system that the program takes for one, pushed, and released. Gives the notes.</summary>
    private async Task<string> ReleaseAsync(string root, string id)
    {
        Directory.CreateDirectory(Path.Combine(root, "etc"));
        await File.WriteAllTextAsync(Path.Combine(root, "etc/os-release"), $"ID={id}\nVERSION_ID=1\nPRETTY_NAME=\"{id} 1\"\n", Ct);
        Tool.Require("tar", "--sort=name", "--owner=0", "--group=0", "--mtime=@1700000000", "-C", root, "-cf", _temp["root.tar"], ".");
        var program = new TarBuilder().Directory("usr").Directory("usr/bin").Add(new TarItem("usr/bin/true") { Content = ElfBuilder.Create(62), Mode = 0b111_101_101 });
        var image = _fleet.Layout.AddImage("linux/amd64", [_fleet.Layout.AddLayer(program.ToArray()), _fleet.Layout.AddLayer(await File.ReadAllBytesAsync(_temp["root.tar"], Ct))]);
        await _registry.PushAsync(_fleet.Layout, image, "notes/base", "1", Ct);
        var before = _fleet.Releases("kiosk").Length;
        await _registry.TakeRequestsAsync(Ct);
        (await _fleet.RunAsync(Ct, "reconcile", "--verbose")).ShouldEndWith(0);
        _fleet.Releases("kiosk").Length.ShouldBe(before + 1);
        if (before > 0)
            ShouldNotAskForTheOld(image, await _registry.TakeRequestsAsync(Ct));
        Tool.Run("bash", "-c", $"cd {_fleet.Latest("kiosk")} && sha256sum --quiet -c SHA256SUMS").ExitCode.ShouldBe(0);
        var notes = await File.ReadAllTextAsync(Path.Combine(_fleet.Latest("kiosk"), "CHANGELOG.md"), Ct);
        if (before > 0)
            notes.ShouldContain("2 layers, ");
        return notes;
    }

    private void ShouldNotAskForTheOld(Descriptor image, IReadOnlyList<string> requests)
    {
        requests.ShouldContain(r => r.Contains(image.Digest.Hex, StringComparison.Ordinal), "or the log shows nothing");
        using var changes = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(_fleet.Latest("kiosk"), "kiosk.changes.json")));
        var old = changes.RootElement.GetProperty("platforms")[0].GetProperty("old").GetProperty("manifest").GetString()!["sha256:".Length..];
        requests.ShouldNotContain(r => r.Contains(old, StringComparison.Ordinal));
    }

    private void ShouldListAll(IEnumerable<string> names, string url)
    {
        var release = _fleet.Latest("kiosk");
        using var list = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(release, "kiosk-amd64.packages.json")));
        list.RootElement.GetProperty("packages").EnumerateArray().Select(p => p.GetProperty("name").GetString()).ShouldBe(names);
        var cyclone = File.ReadAllBytes(Path.Combine(release, "kiosk-amd64.cdx.json"));
        Cyclone.Validate(cyclone).Stdout.ShouldBe("VALID\n");
        using var bill = JsonDocument.Parse(cyclone);
        bill.RootElement.GetProperty("components").EnumerateArray().Where(c => c.TryGetProperty("purl", out _)).Select(c => c.GetProperty("purl").GetString()).ShouldContain(url);
        File.ReadAllText(Path.Combine(release, "kiosk-amd64.spdx.json")).ShouldContain($"\"referenceLocator\": \"{url}\"");
    }
}
