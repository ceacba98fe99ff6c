using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Boot;

/// <summary>Images of the engine come up to a line of the guest's own userspace, with all their file systems mounted.</summary>
public sealed class BootTests : IDisposable
{
    private readonly BootImages _images = new();

    [Theory]
    [InlineData("uefi-x86_64", "linux/amd64", BootMachine.X86Uefi, "x86_64", "/ ext4 rw", "/boot/efi vfat rw")]
    [InlineData("uefi-arm64", "linux/arm64", BootMachine.Arm64Uefi, "aarch64", "/ ext4 rw", "/boot/efi vfat rw")]
    [InlineData("uboot-arm64", "linux/arm64", BootMachine.Arm64UBoot, "aarch64", "/ ext4 rw")]
    [InlineData("uboot-arm", "linux/arm/v7", BootMachine.ArmUBoot, "armv7l", "/ ext4 rw")]
    [InlineData("uboot-riscv64", "linux/riscv64", BootMachine.Riscv64UBoot, "riscv64", "/ ext4 rw")]
    [InlineData("uefi-riscv64", "linux/riscv64", BootMachine.Riscv64UBoot, "riscv64", "/ ext4 rw", "/boot/efi vfat rw")]
    [InlineData("pc-x86_64", "linux/amd64", BootMachine.X86Bios, "x86_64", "/ ext4 rw", "/boot/efi vfat rw")]
    public async Task Board_boots(string board, string platform, BootMachine machine, string kernelMachine, params string[] mounts)
    {
        var ct = TestContext.Current.CancellationToken;

        var log = await QemuMachine.BootAsync(machine, await _images.BuildAsync(board, platform, ct), ct);

        ShouldBeUp(log.ShouldHaveBooted(), kernelMachine, mounts);
    }

    /// <summary>The shipped board with another root; the initrd asks the kernel for the module, fstab keeps it read-only.</summary>
    [Theory]
    [InlineData("squashfs", "{type: squashfs, level: 3}")]
    [InlineData("erofs", "{type: erofs, label: root}")]
    public async Task A_read_only_root_boots_and_stays_so(string kind, string fileSystem)
    {
        var ct = TestContext.Current.CancellationToken;
        using var temp = new TempDir();
        var board = await File.ReadAllTextAsync(Path.Combine(DebianMinimal.Repository, "boards/uefi-x86_64.yaml"), ct);
        board.ShouldContain("filesystem: {type: ext4, label: root}");
        await File.WriteAllTextAsync(temp["box.yaml"], board.Replace("{type: ext4, label: root}", fileSystem, StringComparison.Ordinal)
            .Replace("    flags: [grow]\n", "", StringComparison.Ordinal), ct);

        var log = await QemuMachine.BootAsync(BootMachine.X86Uefi, await _images.BuildAsync(temp["box.yaml"], "linux/amd64", ct), ct);

        ShouldBeUp(log.ShouldHaveBooted(), "x86_64", $"/ {kind} ro", "/boot/efi vfat rw");
        log.After("PIPELINE-CMDLINE").ShouldHaveSingleItem().ShouldContain($" rootfstype={kind} ro ");
    }

    [Fact]
    public async Task A_system_partition_without_its_loader_does_not_boot()
    {
        var ct = TestContext.Current.CancellationToken;
        var image = await _images.BuildAsync("uefi-x86_64", "linux/amd64", ct);
        await using (var disk = new FileStream(image, FileMode.Open, FileAccess.ReadWrite))
        {
            // The first partition begins at 1 MiB: its boot sector, FATs and root directory are gone.
            disk.Position = 1 << 20;
            await disk.WriteAsync(new byte[4 << 20], ct);
        }

        var log = await QemuMachine.BootAsync(BootMachine.X86Uefi, image, ct);

        log.Verdict.ShouldBe(BootVerdict.Refused, $"{log.Reason}\n{log.Serial}");
    }

    public void Dispose() => _images.Dispose();

    internal static void ShouldBeUp(BootLog log, string kernelMachine, params string[] mounts)
    {
        log.After(QemuMachine.Marker).ShouldHaveSingleItem().ShouldEndWith(" " + kernelMachine);
        foreach (var mount in mounts)
            log.After("PIPELINE-MOUNT").ShouldContain(line => line.Contains(" " + mount, StringComparison.Ordinal), log.Serial);
    }
}
