using System.Text;
using Pipeline.Core.Files;
using Pipeline.Engine.Building.Disks;
using Pipeline.Engine.Building.Rootfs;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Manifests.Reading;

namespace Pipeline.Engine.Building.Boot;

/// <summary>
/// <c>raspberrypi</c>: what the firmware in the GPU reads from its FAT: its own files, device trees and overlays, config.txt,
/// and kernels with cmdline.txt; or U-Boot in the place of a kernel, where the board names another method beside this one.
/// </summary>
internal static class RaspberryPi
{
    /// <summary>Where distributions keep the files of the firmware.</summary>
    private static readonly string[] FirmwareFolders = ["/usr/lib/raspi-firmware", "/boot/firmware", "/boot", "/usr/share/rpi-firmware", "/usr/share/raspberrypi-firmware"];

    private static readonly string[] FirmwarePatterns = ["bootcode.bin", "start*.elf", "fixup*.dat"];

    public static void Install(BootContext context, IReadOnlyList<Kernel> kernels)
    {
        if (context.FirmwarePlace is not { } place)
        {
            context.Bag.Add(BuildingRules.NoBootPartition, context.Boot.Span, "raspberrypi", "a mounted FAT partition");
            return;
        }
        var flavours = RaspberryPiKernel.Choose(kernels, context.Job.Board.Platform);
        CopyFirmware(context, place, flavours);
        foreach (var kernel in flavours.Select(f => f.Kernel).DistinctBy(k => k.Version))
            CopyDeviceTrees(context, place, kernel);
        var hasLoader = context.Boot.Methods.Any(m => m is not (BootMethod.Raspberrypi or BootMethod.None));
        var configuration = hasLoader ? RaspberryPiConfig.ForUBoot(context, place) : RaspberryPiConfig.ForKernels(context, place, flavours);
        context.Write($"{place.Path}/config.txt", configuration);
        if (!hasLoader)
            context.Write($"{place.Path}/cmdline.txt", context.CommandLine() + "\n");
        WriteAutoboot(context);
    }

    /// <summary>A Pi 5 has its firmware on the board and needs none of these.</summary>
    private static void CopyFirmware(BootContext context, MountPoint place, IReadOnlyList<RaspberryPiKernel> flavours)
    {
        if (TreeGlob.Match(context.Tree, $"{place.Path}/start*.elf").Count > 0)
            return;
        var folder = Array.Find(FirmwareFolders, f => TreeGlob.Match(context.Tree, f + "/start*.elf").Count > 0);
        if (folder is null)
        {
            if (flavours.Any(f => f.Image != RaspberryPiKernel.Pi5Image))
                context.Bag.Add(BuildingRules.NoPiFirmware, context.Boot.Span, string.Join(", ", FirmwarePatterns), string.Join(", ", FirmwareFolders));
            return;
        }
        foreach (var path in FirmwarePatterns.SelectMany(p => TreeGlob.Match(context.Tree, $"{folder}/{p}")).Where(p => context.Tree.Find(p) is RegularFile))
            BootFiles.Copy(context, path, $"{place.Path}/{path[(path.LastIndexOf('/') + 1)..]}");
    }

    /// <summary>Trees lie in the root of the FAT and overlays in a folder, whatever folders the kernel's package has.</summary>
    private static void CopyDeviceTrees(BootContext context, MountPoint place, Kernel kernel)
    {
        var version = kernel.Version;
        string[] folders = [$"/usr/lib/linux-image-{version}", $"/usr/lib/modules/{version}/dtb", $"/usr/lib/modules/{version}/dtbs", $"/boot/dtb-{version}", $"/boot/dtbs/{version}"];
        foreach (var folder in folders)
        {
            foreach (var path in new[] { folder, folder + "/broadcom" }.SelectMany(f => TreeGlob.Match(context.Tree, f + "/bcm2*.dtb")))
                CopyNew(context, path, $"{place.Path}/{path[(path.LastIndexOf('/') + 1)..]}");
            foreach (var overlays in new[] { folder + "/overlays", folder + "/broadcom/overlays" })
            {
                foreach (var path in TreeGlob.Match(context.Tree, overlays + "/*.dtb*"))
                    CopyNew(context, path, $"{place.Path}/overlays/{path[(path.LastIndexOf('/') + 1)..]}");
            }
        }
    }

    /// <summary>What is there stays: the source's own, or that of a newer kernel.</summary>
    private static void CopyNew(BootContext context, string from, string to)
    {
        if (context.Tree.Find(from) is RegularFile && context.Tree.Find(context.Spelled(to)) is null)
            BootFiles.Copy(context, from, to);
    }

    /// <summary>
    /// Two boot partitions are two slots; with three the first only chooses between the others. The second slot is tried
    /// once when the system asks for it (tryboot).
    /// </summary>
    private static void WriteAutoboot(BootContext context)
    {
        var board = context.Job.Board;
        var slots = board.Partitions.Select((p, i) => (Partition: p, Number: i + 1))
            .Where(p => p.Partition.FileSystem.Kind == FileSystemKind.Fat && PartitionTypes.IsBootFat(p.Partition, board.Table.Kind)).ToList();
        if (slots.Count is not (2 or 3) || context.Mounts.All.FirstOrDefault(m => m.Index == slots[0].Number - 1) is not { } first)
            return;
        var text = $"[all]\ntryboot_a_b=1\nboot_partition={slots[^2].Number}\n[tryboot]\nboot_partition={slots[^1].Number}\n";
        context.Write($"{first.Path}/autoboot.txt", text);
    }
}
