using System.Text;
using Pipeline.Core.Files;
using Pipeline.Engine.Building.Disks;

namespace Pipeline.Engine.Building.Boot;

/// <summary>config.txt, and the kernels that it names. Sections in brackets hold for some models; <c>[all]</c> ends them.</summary>
internal static class RaspberryPiConfig
{
    private const string Title = "# Written from the manifest and the board.\n";

    /// <summary>U-Boot of Debian's packages: one for all 64-bit models up to the Pi 4, one a model for 32 bits.</summary>
    private static readonly (string Folder, string? Model)[] UBoots64 = [("rpi_arm64", null), ("rpi_4", "pi4"), ("rpi_3", "pi3")];
    private static readonly (string Folder, string? Model)[] UBoots32 = [("rpi_4_32b", "pi4"), ("rpi_3_32b", "pi3"), ("rpi_2", "pi2"), ("rpi_0_w", "pi0"), ("rpi", "pi1")];

    public static string ForKernels(BootContext context, MountPoint place, IReadOnlyList<RaspberryPiKernel> kernels)
    {
        var text = Start(context);
        foreach (var kernel in kernels)
        {
            BootFiles.Copy(context, kernel.Kernel.Path, $"{place.Path}/{kernel.Image}");
            var lines = $"kernel={kernel.Image}\n";
            if (kernel.Kernel.InitrdPath is { } initrd)
            {
                BootFiles.Copy(context, initrd, $"{place.Path}/{kernel.Initrd}");
                // The only key without an equals sign.
                lines += $"initramfs {kernel.Initrd} followkernel\n";
            }
            AppendFor(text, kernel.Models, lines);
        }
        if (context.Boot.DeviceTree is { } tree)
            text.Append($"device_tree={tree[(tree.LastIndexOf('/') + 1)..]}\n");
        return text.ToString();
    }

    public static string ForUBoot(BootContext context, MountPoint place)
    {
        var text = Start(context);
        var is64 = context.Job.Board.Platform.Architecture == "arm64";
        var found = (is64 ? UBoots64 : UBoots32)
            .Select(u => (Path: $"/usr/lib/u-boot/{u.Folder}/u-boot.bin", u.Folder, u.Model)).Where(u => context.Tree.Find(u.Path) is RegularFile).ToList();
        // One for all models needs no others.
        if (found.Count > 0 && found[0].Model is null)
            found = [found[0]];
        if (found.Count == 0 && context.Tree.Find(context.Spelled($"{place.Path}/u-boot.bin")) is RegularFile)
            return text.Append("kernel=u-boot.bin\n").ToString();
        if (found.Count == 0)
            context.Bag.Add(BuildingRules.BlobMissing, context.Boot.Span, "u-boot.bin", $"/usr/lib/u-boot/{(is64 ? "rpi_arm64" : "rpi_*")}/u-boot.bin");
        foreach (var (path, folder, model) in found)
        {
            var name = found.Count == 1 ? "u-boot.bin" : $"u-boot-{folder}.bin";
            BootFiles.Copy(context, path, $"{place.Path}/{name}");
            AppendFor(text, model is null || found.Count == 1 ? [] : [model], $"kernel={name}\n");
        }
        return text.ToString();
    }

    private static StringBuilder Start(BootContext context)
    {
        var text = new StringBuilder(Title);
        text.Append($"arm_64bit={(context.Job.Board.Platform.Architecture == "arm64" ? 1 : 0)}\n");
        // The small serial port stands still without it; U-Boot and serial consoles need it.
        return text.Append("enable_uart=1\n");
    }

    /// <summary>Filters of several lines would all have to hold, so each model has lines of its own.</summary>
    private static void AppendFor(StringBuilder text, string[] models, string lines)
    {
        if (models.Length == 0)
            text.Append(lines);
        foreach (var model in models)
            text.Append($"[{model}]\n{lines}");
        if (models.Length > 0)
            text.Append("[all]\n");
    }
}
