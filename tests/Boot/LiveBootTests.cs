using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Boot;

/// <summary>Live media come up to a line of the guest's own userspace, through an initrd of dracut's own.</summary>
public sealed class LiveBootTests : IDisposable
{
    private readonly LiveImages _images = new();

    /// <summary>The root is a file beside the kernel, or a partition of its own, which FAT's 4 GiB do not bind.</summary>
    [Theory]
    [InlineData(BootMachine.X86Uefi, "file", "root=live:PARTLABEL=C2BOOT rd.live.dir=/container2boot rd.live.image ", "/dev/loop0", "/dev/vda3")]
    [InlineData(BootMachine.X86Bios, "partition", "root=live:PARTUUID=", "/dev/vda3", "/dev/vda4")]
    public async Task A_live_disk_boots_and_keeps_what_is_written(BootMachine machine, string place, string argument, string rootDevice, string kept)
    {
        var ct = TestContext.Current.CancellationToken;
        await _images.BuildAsync(
            "pc-x86_64", "linux/amd64", "[{kind: live, rootIn: " + place + ", root: {type: squashfs, level: 3}, persistence: 32MiB}]", await DracutInitrd.LiveAsync(ct), ct);

        var log = await QemuMachine.BootAsync(machine, Path.Combine(_images.Out, "kiosk-pc-x86_64.live.img"), ct);

        log.ShouldHaveBooted().After(QemuMachine.Marker).ShouldHaveSingleItem().ShouldBe("kiosk x86_64");
        log.After("PIPELINE-CMDLINE").ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            line => line.ShouldContain(argument), line => line.ShouldContain(" rd.live.image rd.live.overlay.overlayfs=1 rd.live.overlay=PARTUUID="));
        log.After("PIPELINE-MOUNT").ShouldContain(m => m.StartsWith(rootDevice + " /run/rootfsbase squashfs ro", StringComparison.Ordinal), log.Serial);
        log.After("PIPELINE-MOUNT").ShouldContain(m => m.StartsWith(kept + " /run/initramfs/overlayfs ext4 rw", StringComparison.Ordinal), "what is written is kept there");
    }

    public void Dispose() => _images.Dispose();
}
