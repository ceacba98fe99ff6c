using System.Diagnostics;
using System.Text;
using Pipeline.Core.Units;
using Shouldly;

namespace Pipeline.Kit;

/// <summary>Initrds that Debian's dracut makes for kernels of the tests' systems (amd64), of the programs of this machine.</summary>
public static class DracutInitrd
{
    private static readonly MadeFiles Made = new("dracut");

    /// <summary>Finds live media by label, and fetches roots by HTTP. Without systemd: with it dracut 059 cannot mount the overlay of a flat squashfs.</summary>
    private const string LiveModules =
        "bash base kernel-modules kernel-network-modules network-legacy network rootfs-block dm img-lib url-lib udev-rules overlayfs dmsquash-live livenet";

    /// <summary>With systemd, which opens a root behind dm-verity.</summary>
    private const string VerityModules =
        "bash systemd systemd-initrd systemd-veritysetup dracut-systemd base fs-lib kernel-modules rootfs-block dm img-lib udev-rules overlayfs dmsquash-live";

    /// <summary>What the kernel of virtual machines has to load before there is a root.</summary>
    private const string Drivers = "virtio_blk virtio_pci virtio_net virtio_scsi sd_mod sr_mod ahci ata_piix cdrom af_packet loop overlay squashfs erofs isofs vfat nls_ascii nls_cp437 nls_iso8859-1";

    /// <summary>As the examples of the container-native ISO contract ask for it; without a network. What it needs of the kernel lies among the modules of <see cref="LiveContainers"/>.</summary>
    private const string ContractModules = "bash base kernel-modules rootfs-block dm img-lib udev-rules overlayfs dmsquash-live dmsquash-live-autooverlay";

    /// <returns>Path of the initrd.</returns>
    public static async Task<string> LiveAsync(CancellationToken ct) => await MakeAsync(await DebianMinimal.TarAsync("linux/amd64", ct), LiveModules, Drivers, ct);

    /// <inheritdoc cref="LiveAsync"/>
    public static async Task<string> VerityAsync(CancellationToken ct) => await MakeAsync(await DebianMinimal.TarAsync("linux/amd64", ct), VerityModules, Drivers + " dm_verity", ct);

    /// <summary>For the kernel of <see cref="LiveContainers"/>.</summary>
    /// <returns>Path of the initrd.</returns>
    public static async Task<string> ContractAsync(CancellationToken ct) =>
        await MakeAsync(await LiveContainers.TarAsync("linux/amd64", ct), ContractModules, "virtio_pci virtio_scsi sd_mod sr_mod ahci ata_piix loop overlay squashfs isofs", ct);

    private static Task<string> MakeAsync(string tar, string modules, string drivers, CancellationToken ct)
    {
        var key = Digest.Sha256(Encoding.UTF8.GetBytes($"{Path.GetFileName(tar)} {modules} {drivers}")).Short;
        return Made.GetAsync($"live-{key}.img", path => Make(tar, (modules, drivers), path), ct);
    }

    private static void Make(string tar, (string Modules, string Drivers) parts, string path)
    {
        using var temp = new TempDir();
        Directory.CreateDirectory(temp["lib"]);
        Tool.Require("tar", "-xf", tar, "-C", temp["lib"], "--strip-components=3", "./usr/lib/modules");
        var version = Path.GetFileName(Directory.GetDirectories(temp["lib/modules"]).Single());
        Tool.Require("depmod", "-b", temp.Path, version);
        var start = new ProcessStartInfo("dracut", [
            "--force", "--no-hostonly", "--no-hostonly-cmdline", "--no-early-microcode", "--nostrip", "--nohardlink", "--zstd",
            "--kver", version, "--kmoddir", temp["lib/modules/" + version], "-m", parts.Modules, "--add-drivers", parts.Drivers, "--reproducible",
            "--tmpdir", temp.Path, temp["initrd.img"],
        ]);
        // Attributes of files are copied by root only, and not every file system of a build machine takes them.
        start.Environment["DRACUT_NO_XATTR"] = "1";
        var made = Tool.Run(start);
        made.ExitCode.ShouldBe(0, made.Output);
        File.Exists(temp["initrd.img"]).ShouldBeTrue(made.Output);
        File.Move(temp["initrd.img"], path);
    }
}
