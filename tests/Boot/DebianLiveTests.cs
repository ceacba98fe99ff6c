using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Boot;

/// <summary>Debian's own live-boot finds its root on our media: an initrd of initramfs-tools, with its words on the kernel command line.</summary>
public sealed class DebianLiveTests : IDisposable
{
    private readonly LiveImages _images = new() { TarAsync = LiveContainers.TarAsync, KernelArguments = "[no_timer_check]" };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>On an MBR, whose partitions have no names: the system partition is found by its label.</summary>
    [Fact]
    public async Task It_starts_from_an_iso_and_from_a_disk_that_keeps_what_is_written()
    {
        await _images.BuildAsync(
            "pc-x86_64", "linux/amd64", "[{kind: iso, label: DEBIAN-LIVE, root: {type: squashfs, level: 1}}, {kind: live, table: mbr, persistence: 32MiB, root: {type: squashfs, level: 1}}]",
            await LiveBootInitrd.MakeAsync(await LiveContainers.TarAsync("linux/amd64", Ct), Ct), Ct);

        var cd = await QemuMachine.BootAsync(BootMachine.X86BiosCd, Path.Combine(_images.Out, "kiosk-pc-x86_64.iso"), Ct);
        ShouldBeUp(cd, "boot=live live-media=/dev/disk/by-label/DEBIAN-LIVE live-media-path=/live", "/dev/disk/by-label/DEBIAN-LIVE /run/live/medium iso9660 ro");

        var disk = await QemuMachine.BootAsync(BootMachine.X86Uefi, Path.Combine(_images.Out, "kiosk-pc-x86_64.live.img"), Ct);
        ShouldBeUp(disk, "boot=live live-media=/dev/disk/by-label/C2BOOT live-media-path=/container2boot persistence", "/dev/disk/by-label/C2BOOT /run/live/medium vfat ro");
        disk.After("PIPELINE-MOUNT").ShouldContain(m => m.Contains(" /run/live/persistence/", StringComparison.Ordinal) && m.Contains(" ext4 rw", StringComparison.Ordinal), disk.Serial);
    }

    public void Dispose() => _images.Dispose();

    private static void ShouldBeUp(BootLog log, string arguments, string medium)
    {
        log.ShouldHaveBooted().After(QemuMachine.Marker).ShouldHaveSingleItem().ShouldBe("kiosk x86_64");
        log.After("PIPELINE-CMDLINE").ShouldHaveSingleItem().ShouldContain(arguments);
        log.After("PIPELINE-MOUNT").ShouldContain(m => m.StartsWith(medium, StringComparison.Ordinal), log.Serial);
        log.After("PIPELINE-MOUNT").ShouldContain(m => m.StartsWith("/dev/loop0 /run/live/rootfs/filesystem.squashfs squashfs ro", StringComparison.Ordinal), log.Serial);
    }
}
