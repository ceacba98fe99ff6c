using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Boot;

/// <summary>Roots behind dm-verity come up by an initrd of dracut's with systemd, and do not where a byte of them was changed.</summary>
public sealed class LiveVerityTests : IDisposable
{
    /// <summary>Without the last word the kernel says no to each reader, and the initrd asks again for minutes.</summary>
    private readonly LiveImages _images = new() { KernelArguments = "[no_timer_check, systemd.verity_root_options=panic-on-corruption]" };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>An erofs, which dracut 059 could not find by itself, in a GPT whose identifiers are the root hash.</summary>
    [Fact]
    public async Task A_root_boots_by_uefi_and_not_with_a_changed_byte()
    {
        var image = await BuildAsync("{kind: live, root: erofs, verity: true}");

        var log = await QemuMachine.BootAsync(BootMachine.X86Uefi, image, Ct);

        log.ShouldHaveBooted().After(QemuMachine.Marker).ShouldHaveSingleItem().ShouldBe("kiosk x86_64");
        log.After("PIPELINE-CMDLINE").ShouldHaveSingleItem().ShouldContain("root=/dev/mapper/root rootfstype=erofs ro systemd.volatile=overlay roothash=");
        log.Serial.ShouldContain("erofs: (device dm-0): mounted with root inode");

        // Before its superblock an erofs has a KiB that nobody reads: without dm-verity it would boot.
        var root = PartitionTableJudge.Read(image).Partitions.Single(p => p.Name == "root");
        Damage.FlipBit(image, root.FirstLba * 512 + 100);
        var refused = await QemuMachine.BootAsync(BootMachine.X86Uefi, image, Ct);
        refused.Verdict.ShouldBe(BootVerdict.Refused, refused.Reason + refused.Serial);
        refused.Reason.ShouldContain("Kernel panic - not syncing");
        refused.Serial.ShouldContain("data block 0 is corrupted");
    }

    /// <summary>dracut's own live system over it, with what is kept; in an MBR nothing but arguments names the partitions.</summary>
    [Fact]
    public async Task A_root_boots_by_a_bios_and_keeps_what_is_written()
    {
        var image = await BuildAsync("{kind: live, root: {type: squashfs, level: 3}, verity: true, persistence: 32MiB, table: mbr}");

        var log = await QemuMachine.BootAsync(BootMachine.X86Bios, image, Ct);

        log.ShouldHaveBooted().After(QemuMachine.Marker).ShouldHaveSingleItem().ShouldBe("kiosk x86_64");
        log.After("PIPELINE-CMDLINE").ShouldHaveSingleItem().ShouldContain("root=live:/dev/mapper/root rd.live.image");
        log.After("PIPELINE-MOUNT").ShouldContain(m => m.StartsWith("/dev/mapper/root /run/rootfsbase squashfs ro", StringComparison.Ordinal), log.Serial);
        log.After("PIPELINE-MOUNT").ShouldContain(m => m.StartsWith("/dev/vda4 /run/initramfs/overlayfs ext4 rw", StringComparison.Ordinal), log.Serial);
    }

    public void Dispose() => _images.Dispose();

    private async Task<string> BuildAsync(string output)
    {
        await _images.BuildAsync("pc-x86_64", "linux/amd64", $"[{output}]", await DracutInitrd.VerityAsync(Ct), Ct);
        return Path.Combine(_images.Out, "kiosk-pc-x86_64.live.img");
    }
}
