using System.Text;
using Pipeline.Engine.Building.Disks;

namespace Pipeline.Engine.Building.Boot;

/// <summary><c>extlinux</c>: the menu that U-Boot reads, on the partition that is mounted at /boot or else on the root.</summary>
internal static class Extlinux
{
    public static void Install(BootContext context, IReadOnlyList<Kernel> kernels)
    {
        if (context.Mounts.Holding("/boot") is not { } place)
        {
            context.Bag.Add(BuildingRules.NoBootPartition, context.Boot.Span, "extlinux", "a partition mounted at / or /boot");
            return;
        }
        context.Write("/boot/extlinux/extlinux.conf", Configuration(context, place, kernels));
    }

    private static string Configuration(BootContext context, MountPoint place, IReadOnlyList<Kernel> kernels)
    {
        var text = new StringBuilder("# Written from the manifest and the board.\n");
        text.Append($"default linux-0\ntimeout {(kernels.Count > 1 ? 30 : 10)}\n");
        for (var i = 0; i < kernels.Count; i++)
        {
            var kernel = kernels[i];
            text.Append($"\nlabel linux-{i}\n  menu label {context.SystemName} ({kernel.Version})\n");
            text.Append($"  linux {BootFiles.On(context, place, kernel.Path, kernel.Version)}\n");
            if (kernel.InitrdPath is { } initrd)
                text.Append($"  initrd {BootFiles.On(context, place, initrd, kernel.Version)}\n");
            if (DeviceTrees.Find(context, kernel) is { } tree)
                text.Append($"  fdt {BootFiles.On(context, place, tree, kernel.Version)}\n");
            text.Append($"  append {context.CommandLine()}\n");
        }
        return text.ToString();
    }
}
