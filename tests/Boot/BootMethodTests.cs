using System.Diagnostics;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Boot;

/// <summary>Each boot method comes up, on boards made for it: what is written is read by the firmware or loader it is meant for.</summary>
public sealed class BootMethodTests : IDisposable
{
    private const string Root = "  - {name: root, type: root, filesystem: ext4, size: rest, mount: /, flags: [grow]}\n";
    private const string Esp = "  - {name: esp, type: esp, filesystem: {type: fat, bits: 32}, size: 128MiB, mount: /boot/efi}\n";
    private const string BiosBoot = "  - {name: bios, type: bios-boot, size: 1MiB}\n";

    private readonly TempDir _temp = new();

    [Fact]
    public async Task Gpt_disk_boots_from_bios_and_uefi_and_not_without_its_core_image()
    {
        var ct = TestContext.Current.CancellationToken;
        var image = await BuildAsync("linux/amd64", "gpt", Esp + BiosBoot + Root, "[grub-efi, grub-bios]", "console=ttyS0", ct);

        var bios = await QemuMachine.BootAsync(BootMachine.X86Bios, image, ct);
        BootTests.ShouldBeUp(bios.ShouldHaveBooted(), "x86_64", "/ ext4 rw", "/boot/efi vfat rw");
        var uefi = await QemuMachine.BootAsync(BootMachine.X86Uefi, image, ct);
        BootTests.ShouldBeUp(uefi.ShouldHaveBooted(), "x86_64", "/ ext4 rw", "/boot/efi vfat rw");

        // The second partition begins behind the first, which begins at 1 MiB.
        await WipeAsync(image, 129 << 20, 64 << 10, ct);
        var wiped = await QemuMachine.BootAsync(BootMachine.X86Bios, image, ct, limit: bios.Elapsed * 3);
        wiped.Verdict.ShouldNotBe(BootVerdict.Booted, wiped.Serial);
    }

    [Fact]
    public async Task Mbr_disk_boots_from_bios_and_not_without_its_core_image()
    {
        var ct = TestContext.Current.CancellationToken;
        var image = await BuildAsync("linux/amd64", "mbr", Root, "grub-bios", "console=ttyS0", ct);

        var log = await QemuMachine.BootAsync(BootMachine.X86Bios, image, ct);
        BootTests.ShouldBeUp(log.ShouldHaveBooted(), "x86_64", "/ ext4 rw");

        await WipeAsync(image, 512, 64 << 10, ct);
        var wiped = await QemuMachine.BootAsync(BootMachine.X86Bios, image, ct, limit: log.Elapsed * 3);
        wiped.Verdict.ShouldNotBe(BootVerdict.Booted, wiped.Serial);
    }

    [Fact]
    public async Task Script_boots_from_uboot()
    {
        var ct = TestContext.Current.CancellationToken;
        const string Boot = "  - {name: boot, type: linux, filesystem: ext4, size: 128MiB, mount: /boot, flags: [legacy-boot]}\n";
        var image = await BuildAsync("linux/arm64", "gpt", Boot + Root, "boot-scr", "console=ttyAMA0", ct);

        var log = await QemuMachine.BootAsync(BootMachine.Arm64UBoot, image, ct);

        BootTests.ShouldBeUp(log.ShouldHaveBooted(), "aarch64", "/ ext4 rw", "/boot ext4 rw");
        log.Serial.ShouldContain("Executing script at");
    }

    [Theory]
    [InlineData("systemd-boot")]
    [InlineData("uki")]
    public async Task Loader_of_systemd_boots(string method)
    {
        var ct = TestContext.Current.CancellationToken;
        var image = await BuildAsync("linux/amd64", "gpt", Esp + Root, method, "console=ttyS0", ct);

        var log = await QemuMachine.BootAsync(BootMachine.X86Uefi, image, ct);

        BootTests.ShouldBeUp(log.ShouldHaveBooted(), "x86_64", "/ ext4 rw", "/boot/efi vfat rw");
    }

    /// <summary>A unified kernel image that the container carries as its only loader, with its arguments inside.</summary>
    [Fact]
    public async Task Files_of_the_container_boot()
    {
        var ct = TestContext.Current.CancellationToken;
        var made = await BuildAsync("linux/amd64", "gpt", Esp + Root.Replace("mount: /", "mount: /, id: 0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0f9", StringComparison.Ordinal), "uki", "console=ttyS0", ct);
        Directory.CreateDirectory(_temp["tree/boot/efi/EFI/BOOT"]);
        Tool.Require("bash", "-c", $"MTOOLS_SKIP_CHECK=1 mcopy -n -i {made}@@1M '::/EFI/Linux/*.efi' {_temp["tree/boot/efi/EFI/BOOT/BOOTX64.EFI"]}");
        Tool.Require("bash", "-c", $"cp {await DebianMinimal.TarAsync("linux/amd64", ct)} {_temp["s.tar"]} && tar --delete -f {_temp["s.tar"]} ./boot/efi/EFI && tar -rf {_temp["s.tar"]} --owner=0 --group=0 -C {_temp["tree"]} ./boot/efi/EFI");
        var image = await BuildAsync(
            "linux/amd64", "gpt", Esp + Root.Replace("mount: /", "mount: /, id: 0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0f9", StringComparison.Ordinal), "uefi-files", null, ct, _temp["s.tar"]);

        var log = await QemuMachine.BootAsync(BootMachine.X86Uefi, image, ct);

        BootTests.ShouldBeUp(log.ShouldHaveBooted(), "x86_64", "/ ext4 rw");
    }

    public void Dispose() => _temp.Dispose();

    private async Task<string> BuildAsync(string platform, string table, string partitions, string method, string? console, CancellationToken ct, string? source = null)
    {
        var tar = source ?? await DebianMinimal.TarAsync(platform, ct);
        var board = _temp["box.yaml"];
        await File.WriteAllTextAsync(
            board,
            $"description: a machine under test\nplatform: {platform}\ntable: {{type: {table}}}\npartitions:\n{partitions}boot: {{method: {method}{(console is null ? "" : $", kernelArguments: [{console}]")}}}\n", ct);
        var image = _temp["disk.img"];
        var built = await Task.Run(
            () => PipelineProcess.Run(new ProcessStartInfo(
                PipelineProcess.Dotnet, [PipelineProcess.Dll, "build", "--from", $"tar:{tar}", "--board", board, "-o", image, "--cache", _temp["cache"]])),
            ct);
        return built.ExitCode == 0 ? image : throw new InvalidOperationException($"no image:\n{built.Output}");
    }

    private static async Task WipeAsync(string image, long offsetBytes, int lengthBytes, CancellationToken ct)
    {
        await using var disk = new FileStream(image, FileMode.Open, FileAccess.ReadWrite);
        disk.Position = offsetBytes;
        await disk.WriteAsync(new byte[lengthBytes], ct);
    }
}
