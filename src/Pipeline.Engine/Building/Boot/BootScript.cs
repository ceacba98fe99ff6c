using System.Text;
using Pipeline.Core.Files;
using Pipeline.Engine.Building.Disks;
using Pipeline.Engine.Manifests;
using Pipeline.Oci.Platforms;

namespace Pipeline.Engine.Building.Boot;

/// <summary>
/// <c>boot-scr</c>: a script that U-Boot runs, on the partition that is mounted at /boot or else on the root, with its
/// text beside it. Kernels are tried in their order, the newest first; the next one where a file cannot be loaded.
/// </summary>
internal static class BootScript
{
    public static void Install(BootContext context, IReadOnlyList<Kernel> kernels)
    {
        if (context.Mounts.Holding("/boot") is not { } place)
        {
            context.Bag.Add(BuildingRules.NoBootPartition, context.Boot.Span, "boot-scr", "a partition mounted at / or /boot");
            return;
        }
        var text = Text(context, place, kernels);
        var image = UImage.Script(text, "boot.scr", context.Job.Board.Platform, context.Job.Clock);
        context.Write("/boot/boot.cmd", text);
        context.Tree.Set(
            context.Spelled("/boot/boot.scr"),
            new RegularFile { Content = FileContent.Of(image), Permissions = 0b110_100_100, Mtime = context.Job.Clock });
    }

    private static string Text(BootContext context, MountPoint place, IReadOnlyList<Kernel> kernels)
    {
        var text = new StringBuilder("# Written from the manifest and the board; boot.scr holds this text for U-Boot.\n");
        // U-Boot's standard boot sets these before it runs a script; by hand they may be missing.
        text.Append("test -n \"${devtype}\" || setenv devtype mmc\n");
        text.Append("test -n \"${devnum}\" || setenv devnum 0\n");
        text.Append($"test -n \"${{distro_bootpart}}\" || setenv distro_bootpart {BoardPlacement.NumberOf(context.Job.Board, place.Index):x}\n");
        // Nothing is special between single quotes but the quote itself, and the kernel knows double ones only.
        text.Append($"setenv bootargs '{context.CommandLine().Replace('\'', '"')}'\n");
        foreach (var kernel in kernels)
            AppendKernel(text, context, place, kernel);
        return text.ToString();
    }

    private static void AppendKernel(StringBuilder text, BootContext context, MountPoint place, Kernel kernel)
    {
        string Load(string address, string path) =>
            $"load ${{devtype}} ${{devnum}}:${{distro_bootpart}} ${{{address}}} {BootFiles.On(context, place, path, kernel.Version)}";

        // The initrd comes last: the length of what was loaded last is in ${filesize}.
        var loads = new List<string> { Load("kernel_addr_r", kernel.Path) };
        var tree = DeviceTrees.Find(context, kernel);
        if (tree is not null)
            loads.Add(Load("fdt_addr_r", tree));
        if (kernel.InitrdPath is { } initrd)
            loads.Add(Load("ramdisk_addr_r", initrd));
        text.Append($"\necho 'Linux {kernel.Version}'\n");
        // Without a device tree of the board's, the firmware's, or the one that U-Boot was built with.
        text.Append(tree is not null
            ? "setenv linux_fdt \"${fdt_addr_r}\"\n"
            : "if test -n \"${fdt_addr}\"; then setenv linux_fdt \"${fdt_addr}\"; else setenv linux_fdt \"${fdtcontroladdr}\"; fi\n");
        text.Append($"if {string.Join(" && ", loads)}; then\n");
        text.Append($"  {Command(context.Job.Board.Platform)} ${{kernel_addr_r}} {(kernel.InitrdPath is null ? "-" : "${ramdisk_addr_r}:${filesize}")} ${{linux_fdt}}\nfi\n");
    }

    /// <summary>32-bit Arm kernels unpack themselves; U-Boot starts the others as they are.</summary>
    private static string Command(Platform platform) => platform.Architecture == "arm" ? "bootz" : "booti";
}
