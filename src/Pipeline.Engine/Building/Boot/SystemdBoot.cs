using System.Text;
using Pipeline.Core.Files;
using Pipeline.Engine.Building.Disks;

namespace Pipeline.Engine.Building.Boot;

/// <summary><c>systemd-boot</c>: the loader from the source, one Boot Loader Specification entry (type 1) a kernel, all on the ESP.</summary>
internal static class SystemdBoot
{
    public static void Install(BootContext context, IReadOnlyList<Kernel> kernels)
    {
        if (context.Esp is not { } esp)
        {
            context.Bag.Add(BuildingRules.NoBootPartition, context.Boot.Span, "systemd-boot", "a mounted FAT partition of type esp");
            return;
        }
        if (!InstallLoader(context, esp, kernels.Count))
        {
            context.Bag.Add(BuildingRules.NoLoader, context.Boot.Span, LoaderName(context), string.Join(" and ", Loaders(context)));
            return;
        }
        // Without this word some tools take the folder for one of another layout.
        context.Write($"{esp.Path}/loader/entries.srel", "type1\n");
        foreach (var (kernel, name) in kernels.Zip(EntryNames.Of(context.Job.Target.Image.Name, kernels.Select(k => k.Version))))
            context.Write($"{esp.Path}/loader/entries/{name}.conf", Entry(context, kernel));
    }

    /// <summary>The loader to where firmware looks for it, with a short menu; false where the source has none.</summary>
    internal static bool InstallLoader(BootContext context, MountPoint esp, int entryCount)
    {
        if (Loaders(context).FirstOrDefault(l => context.Tree.Find(l) is RegularFile) is not { } loader)
            return false;
        BootFiles.Copy(context, loader, $"{esp.Path}/EFI/BOOT/{EfiNames.Default(context.Job.Board.Platform)}");
        BootFiles.Copy(context, loader, $"{esp.Path}/EFI/systemd/{LoaderName(context)}");
        context.Write($"{esp.Path}/loader/loader.conf", $"timeout {(entryCount > 1 ? 3 : 1)}\n");
        return true;
    }

    private static string LoaderName(BootContext context) => $"systemd-boot{EfiNames.Suffix(context.Job.Board.Platform)}.efi";

    private static string[] Loaders(BootContext context) =>
        [$"/usr/lib/systemd/boot/efi/{LoaderName(context)}.signed", $"/usr/lib/systemd/boot/efi/{LoaderName(context)}"];

    private static string Entry(BootContext context, Kernel kernel)
    {
        var esp = context.Esp!;
        var text = new StringBuilder();
        text.Append($"title {context.SystemName}\nversion {kernel.Version}\n");
        text.Append($"linux {BootFiles.On(context, esp, kernel.Path, kernel.Version)}\n");
        if (kernel.InitrdPath is { } initrd)
            text.Append($"initrd {BootFiles.On(context, esp, initrd, kernel.Version)}\n");
        if (DeviceTrees.Find(context, kernel) is { } tree)
            text.Append($"devicetree {BootFiles.On(context, esp, tree, kernel.Version)}\n");
        text.Append($"options {context.CommandLine()}\n");
        return text.ToString();
    }
}
