using System.Diagnostics;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Boot;

/// <summary>One ISO starts as a CD and as a disk, with both kinds of firmware, and comes up from its packed root.</summary>
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
    [InlineData(BootMachine.Riscv64UBoot, "linux/riscv64", "/dev/vda1")]
    public async Task One_file_boots_everywhere(BootMachine machine, string platform, string device)
    {
        var log = (await QemuMachine.BootAsync(machine, await isos.MakeAsync(platform, Isos.Plain, Ct), Ct)).ShouldHaveBooted();

        log.After(QemuMachine.Marker).ShouldHaveSingleItem().ShouldBe($"livebox {Isos.MachineOf(platform)}");
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

        var log = await QemuMachine.BootAsync(BootMachine.X86SecureBootCd, iso, Ct);

        log.Verdict.ShouldBe(BootVerdict.Refused, log.Serial);
        log.Reason.ShouldContain("bad shim signature");
        (await QemuMachine.BootAsync(BootMachine.X86BiosCd, iso, Ct)).ShouldHaveBooted();
    }

    /// <summary>Of an erofs, which the kernel mounts as it lies in the file.</summary>
    [Fact]
    public async Task A_stick_keeps_what_is_written()
    {
        var iso = await isos.MakeAsync("linux/amd64", "outputs: [{kind: iso, label: KEEPS, persistence: 16MiB, root: erofs}]\n", Ct);

        var log = (await QemuMachine.BootAsync(BootMachine.X86UefiUsb, iso, Ct)).ShouldHaveBooted();

        log.After("PIPELINE-LIVE").ShouldBe(["medium /dev/sda1 (iso9660)", "root erofs", "persistence /dev/sda3"]);
    }

    /// <summary>The contract's example for Debian: signed loaders in the vendor's folder, dracut's own initrd, a menu of its own. Nothing is added to it.</summary>
    [Fact]
    public async Task The_contracts_example_boots_as_it_is()
    {
        var iso = await isos.FromAsync(await ContractContainer.SourceAsync(Ct), Ct);

        Tool.Require("isoinfo", "-d", "-i", iso).ShouldContain($"Volume id: {ContractContainer.Label}\n");
        Tool.Require("isoinfo", "-R", "-i", iso, "-x", "/.discinfo").Split('\n')[1].ShouldEndWith(" 42");
        var log = (await QemuMachine.BootAsync(BootMachine.X86SecureBootCd, iso, Ct)).ShouldHaveBooted();

        log.After(QemuMachine.Marker).ShouldHaveSingleItem().ShouldEndWith(" x86_64");
        log.After("PIPELINE-CMDLINE").ShouldHaveSingleItem().ShouldContain($" root=live:CDLABEL={ContractContainer.Label} rd.live.image rd.live.overlay.overlayfs=1 enforcing=0 console=ttyS0");
        log.After("PIPELINE-MOUNT").ShouldContain(m => m.StartsWith("/dev/loop0 /run/rootfsbase squashfs ro", StringComparison.Ordinal), log.Serial);
        log.Serial.ShouldContain("Secure boot enabled");
    }

    /// <summary>It reads nothing but FAT: kernel, initrd and arguments come from there, the root from the ISO.</summary>
    [Fact]
    public async Task Systemd_boot_starts_its_entry()
    {
        var iso = await isos.FromAsync(await isos.WithoutGrubAsync(new TarBuilder(), Ct), Ct);

        var log = (await QemuMachine.BootAsync(BootMachine.X86UefiCd, iso, Ct)).ShouldHaveBooted();

        log.After("PIPELINE-LIVE").ShouldBe(["medium /dev/sr0 (iso9660)", "root squashfs"]);
        log.After("PIPELINE-CMDLINE").ShouldHaveSingleItem().ShouldContain("initrd=\\images\\pxeboot\\initrd.img root=live:CDLABEL=Container-Installer-x86_64 ");
    }

    /// <summary>
    /// The first ISO has a unified kernel image of our making; a container that ships that very file, and kernel and initrd nowhere else,
    /// gives the second, which starts from it.
    /// </summary>
    [Fact]
    public async Task A_unified_kernel_image_that_the_container_ships_starts_by_itself()
    {
        var version = Tool.Require("tar", "-tf", await LiveContainers.TarAsync("linux/amd64", Ct), "--wildcards", "./usr/lib/modules/*/vmlinuz").Trim().Split('/')[4];
        var made = await isos.FromAsync(await isos.WithoutGrubAsync(new TarBuilder().Whiteout("usr/lib/systemd/boot/efi/systemd-bootx64.efi"), Ct), Ct);
        var modules = "usr/lib/modules/" + version;
        var shipped = new TarBuilder().Whiteout("usr/lib/systemd/boot").Whiteout(modules + "/vmlinuz").Whiteout(modules + "/initramfs.img")
            .Add(new TarItem(modules + "/vmlinuz.efi") { Content = isos.FromEfi(made, "/EFI/BOOT/BOOTX64.EFI") });

        var iso = await isos.FromAsync(await isos.WithoutGrubAsync(shipped, Ct), Ct);

        isos.FromEfi(iso, "/EFI/BOOT/BOOTX64.EFI").ShouldBe(isos.FromEfi(made, "/EFI/BOOT/BOOTX64.EFI"));
        var log = (await QemuMachine.BootAsync(BootMachine.X86UefiUsb, iso, Ct)).ShouldHaveBooted();
        log.After("PIPELINE-LIVE").ShouldBe(["medium /dev/sda1 (iso9660)", "root squashfs"]);
    }

    /// <summary>ISOs by what their manifest says, made as a user makes them; each once.</summary>
    public sealed class Isos : IDisposable
    {
        public const string Plain = "outputs: [{kind: iso, label: TEST-LIVE, root: {type: squashfs, level: 1}}]\n";

        private readonly TempDir _folder = new();
        private readonly Dictionary<string, string> _made = new(StringComparer.Ordinal);
        private int _count;

        public async Task<string> MakeAsync(string platform, string outputs, CancellationToken ct)
        {
            if (_made.TryGetValue(platform + outputs, out var known))
                return known;
            var tar = await LiveContainers.TarAsync(platform, ct);
            var repository = _folder[$"{_made.Count}"];
            Directory.CreateDirectory(Path.Combine(repository, "images/live"));
            await File.WriteAllTextAsync(Path.Combine(repository, "pipeline.yaml"), "version: 1\nreleases:\n  directory: releases\n", ct);
            var board = $"uefi-{platform switch { "linux/amd64" => "x86_64", _ => platform.Split('/')[1] }}";
            await File.WriteAllTextAsync(Path.Combine(repository, "images/live/image.yaml"),
                $"description: A live system\nsource: tar:{tar}\nboards: [{board}]\n{outputs}customize: {{hostname: livebox}}\n", ct);
            var built = await Task.Run(() => PipelineProcess.Run(new ProcessStartInfo(
                PipelineProcess.Dotnet, [PipelineProcess.Dll, "build", "live", "-o", Path.Combine(repository, "out"), "--repo", repository, "--cache", _folder["cache"]])), ct);
            built.ExitCode.ShouldBe(0, built.Output);
            return _made[platform + outputs] = Directory.GetFiles(Path.Combine(repository, "out/live"), "*.iso").Single();
        }

        /// <summary>What the kernel calls the machine.</summary>
        public static string MachineOf(string platform) => platform switch { "linux/amd64" => "x86_64", "linux/arm64" => "aarch64", _ => platform.Split('/')[1] };

        /// <summary>Of a container as it is, by the shortest command there is.</summary>
        public async Task<string> FromAsync(string source, CancellationToken ct)
        {
            var iso = _folder[$"from-{_count++}.iso"];
            var built = await Task.Run(() => PipelineProcess.Run(new ProcessStartInfo(
                PipelineProcess.Dotnet, [PipelineProcess.Dll, "build", "--from", source, "--as", "iso", "--board", "uefi-x86_64", "-o", iso, "--cache", _folder["cache"]])), ct);
            built.ExitCode.ShouldBe(0, built.Output);
            return iso;
        }

        /// <summary>The live system with a layer above it that takes away its shim and GRUB, and what else is in <paramref name="layer"/>.</summary>
        public async Task<string> WithoutGrubAsync(TarBuilder layer, CancellationToken ct)
        {
            var writer = new OciLayoutWriter(_folder[$"layout-{_count++}"]);
            layer.Whiteout("boot/efi/EFI").Whiteout("usr/lib/grub").Whiteout("usr/lib/shim");
            var system = writer.AddLayer(await File.ReadAllBytesAsync(await LiveContainers.TarAsync("linux/amd64", ct), ct), Packing.None);
            writer.Tag("box", writer.AddImage("linux/amd64", [system, writer.AddLayer(layer.ToArray())]));
            return $"oci:{writer.DirectoryPath}:box";
        }

        /// <summary>A file of the FAT image that firmware reads.</summary>
        public byte[] FromEfi(string iso, string path)
        {
            var file = _folder[$"efi-{_count++}"];
            Tool.Require("bash", "-c", "MTOOLS_SKIP_CHECK=1 mcopy -n -i \"$0@@$1\" \"::$2\" \"$3\"", iso, $"{PartitionTableJudge.Read(iso).Partitions[1].FirstLba * 512}", path, file);
            return File.ReadAllBytes(file);
        }

        public void Dispose() => _folder.Dispose();
    }
}
