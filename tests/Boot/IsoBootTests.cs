using System.Diagnostics;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Boot;

/// <summary>One ISO starts as a CD and as a disk, with both kinds of firmware, and comes up from its packed root.</summary>
[Collection(BootQueues.Second)]
public sealed class IsoBootTests(IsoBootTests.Isos isos) : IClassFixture<IsoBootTests.Isos>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(BootMachine.X86UefiCd, "linux/amd64", "/dev/sr0")]
    [InlineData(BootMachine.X86UefiUsb, "linux/amd64", "/dev/sda1")]
    [InlineData(BootMachine.X86BiosCd, "linux/amd64", "/dev/sr0")]
    [InlineData(BootMachine.X86Bios, "linux/amd64", "/dev/vda1")]
    [InlineData(BootMachine.Arm64UefiCd, "linux/arm64", "/dev/sr0")]
    [InlineData(BootMachine.Arm64Uefi, "linux/arm64", "/dev/vda1")]
    public async Task One_file_boots_everywhere(BootMachine machine, string platform, string device)
    {
        var log = (await QemuMachine.BootAsync(machine, await isos.MakeAsync(platform, Isos.Plain, Ct), Ct)).ShouldHaveBooted();

        log.After(QemuMachine.Marker).ShouldHaveSingleItem().ShouldBe($"livebox {(platform == "linux/amd64" ? "x86_64" : "aarch64")}");
        log.After("PIPELINE-LIVE").ShouldBe([$"medium {device} (iso9660)", "root squashfs"]);
    }

    [Fact]
    public async Task Secure_boot_starts_what_debian_signed()
    {
        var log = (await QemuMachine.BootAsync(BootMachine.X86SecureBootCd, await isos.MakeAsync("linux/amd64", Isos.Plain, Ct), Ct)).ShouldHaveBooted();

        log.Serial.ShouldContain("Secure boot enabled");
    }

    /// <summary>One byte of the kernel differs from what was signed; the same file starts where nobody asks.</summary>
    [Fact]
    public async Task Secure_boot_refuses_a_kernel_that_nobody_signed()
    {
        var iso = await isos.MakeAsync("linux/amd64", "outputs: [{kind: iso, label: UNSIGNED, root: {type: squashfs, level: 1}}]\n", Ct);
        var place = Tool.Require("xorriso", "-indev", iso, "-find", "/images/pxeboot/vmlinuz", "-exec", "report_lba").Split('\n').First(l => l.StartsWith("File data lba:", StringComparison.Ordinal)).Split(',')[1];
        // The name of the compiler in the header of the image: signed, and without meaning to the machine.
        var bytes = await File.ReadAllBytesAsync(iso, Ct);
        var start = long.Parse(place) * 2048;
        var text = bytes.AsSpan((int)start, 8 << 20).IndexOf("debian-kernel@lists.debian.org"u8);
        text.ShouldBeGreaterThan(0);
        Damage.FlipBit(iso, start + text);

        var log = await QemuMachine.BootAsync(BootMachine.X86SecureBootCd, iso, Ct, limit: TimeSpan.FromMinutes(2));

        log.Verdict.ShouldNotBe(BootVerdict.Booted);
        log.Serial.ShouldContain("bad shim signature");
        (await QemuMachine.BootAsync(BootMachine.X86BiosCd, iso, Ct)).ShouldHaveBooted();
    }

    [Fact]
    public async Task A_stick_keeps_what_is_written()
    {
        var iso = await isos.MakeAsync("linux/amd64", "outputs: [{kind: iso, label: KEEPS, persistence: 16MiB, root: {type: squashfs, level: 1}}]\n", Ct);

        var log = (await QemuMachine.BootAsync(BootMachine.X86UefiUsb, iso, Ct)).ShouldHaveBooted();

        log.After("PIPELINE-LIVE").ShouldBe(["medium /dev/sda1 (iso9660)", "root squashfs", "persistence /dev/sda3"]);
    }

    /// <summary>ISOs by what their manifest says, made as a user makes them; each once.</summary>
    public sealed class Isos : IDisposable
    {
        public const string Plain = "outputs: [{kind: iso, label: TEST-LIVE, root: {type: squashfs, level: 1}}]\n";

        private readonly TempDir _folder = new();
        private readonly Dictionary<string, string> _made = new(StringComparer.Ordinal);

        public async Task<string> MakeAsync(string platform, string outputs, CancellationToken ct)
        {
            if (_made.TryGetValue(platform + outputs, out var known))
                return known;
            var tar = await LiveContainers.TarAsync(platform, ct);
            var repository = _folder[$"{_made.Count}"];
            Directory.CreateDirectory(Path.Combine(repository, "images/live"));
            await File.WriteAllTextAsync(Path.Combine(repository, "pipeline.yaml"), "version: 1\nreleases:\n  directory: releases\n", ct);
            var board = platform == "linux/amd64" ? "uefi-x86_64" : "uefi-arm64";
            await File.WriteAllTextAsync(Path.Combine(repository, "images/live/image.yaml"),
                $"description: A live system\nsource: tar:{tar}\nboards: [{board}]\n{outputs}customize: {{hostname: livebox}}\n", ct);
            var built = await Task.Run(() => PipelineProcess.Run(new ProcessStartInfo(
                PipelineProcess.Dotnet, [PipelineProcess.Dll, "build", "live", "-o", Path.Combine(repository, "out"), "--repo", repository, "--cache", _folder["cache"]])), ct);
            built.ExitCode.ShouldBe(0, built.Output);
            return _made[platform + outputs] = Directory.GetFiles(Path.Combine(repository, "out/live"), "*.iso").Single();
        }

        public void Dispose() => _folder.Dispose();
    }
}
