using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Boot;

/// <summary>Live media come up to a line of the guest's own userspace, through an initrd of dracut's own.</summary>
public sealed class LiveBootTests : IDisposable
{
    private readonly LiveImages _images = new();

    [Fact]
    public async Task A_live_disk_boots_by_uefi_and_by_a_bios()
    {
        var ct = TestContext.Current.CancellationToken;
        await _images.BuildAsync("pc-x86_64", "linux/amd64", "[{kind: live, root: {type: squashfs, level: 3}, persistence: 32MiB}]", await DracutInitrd.LiveAsync(ct), ct);
        var image = Path.Combine(_images.Out, "kiosk-pc-x86_64.live.img");

        foreach (var machine in new[] { BootMachine.X86Uefi, BootMachine.X86Bios })
        {
            var log = await QemuMachine.BootAsync(machine, image, ct);

            ShouldBeUp(log.ShouldHaveBooted());
            log.After("PIPELINE-CMDLINE").ShouldHaveSingleItem().ShouldContain("root=live:PARTLABEL=C2BOOT rd.live.dir=/container2boot rd.live.image rd.live.overlay.overlayfs=1 rd.live.overlay=PARTUUID=");
            log.After("PIPELINE-MOUNT").ShouldContain(m => m.StartsWith("/dev/vda3 /run/initramfs/overlayfs ext4 rw", StringComparison.Ordinal), "what is written is kept there");
        }
    }

    public void Dispose() => _images.Dispose();

    private static void ShouldBeUp(BootLog log)
    {
        log.After(QemuMachine.Marker).ShouldHaveSingleItem().ShouldBe("kiosk x86_64");
        log.After("PIPELINE-MOUNT").ShouldContain(m => m.StartsWith("/dev/loop0 /run/rootfsbase squashfs ro", StringComparison.Ordinal), log.Serial);
    }
}
