using Pipeline.Core.Files;
using Pipeline.Engine.Building.Disks;
using Pipeline.Engine.Building.Rootfs;

namespace Pipeline.Engine.Building.Boot;

/// <summary>
/// <c>uki</c>: unified kernel images on the ESP. Those that the source ships are taken as they are, with the arguments
/// inside them; otherwise one a kernel is made with systemd's stub. systemd-boot starts the newest where the source has
/// it; else the firmware starts that image itself.
/// </summary>
internal static class UnifiedKernels
{
    public static void Install(BootContext context, IReadOnlyList<Kernel> kernels)
    {
        if (context.Esp is not { } esp)
        {
            context.Bag.Add(BuildingRules.NoBootPartition, context.Boot.Span, "uki", "a mounted FAT partition of type esp");
            return;
        }
        var images = TakeShipped(context, esp);
        if (images.Count == 0)
            images = Make(context, esp, kernels);
        if (images.Count > 0 && !SystemdBoot.InstallLoader(context, esp, images.Count))
            BootFiles.Copy(context, images[0], $"{esp.Path}/EFI/BOOT/{EfiNames.Default(context.Job.Board.Platform)}");
    }

    /// <summary>Whether the source has images of its own, so that it needs no kernels beside them.</summary>
    public static bool AreShipped(FileTree tree) => Shipped(tree).Count > 0;

    /// <summary>Images of the source's own, the newest first.</summary>
    public static IReadOnlyList<string> Shipped(FileTree tree) =>
    [
        .. new[] { "/usr/lib/modules/*/*.efi", "/boot/EFI/Linux/*.efi", "/boot/efi/EFI/Linux/*.efi", "/efi/EFI/Linux/*.efi" }
            .SelectMany(p => TreeGlob.Match(tree, p)).Where(p => tree.Find(p) is RegularFile)
            .DistinctBy(p => tree.RealPath(p), StringComparer.Ordinal).OrderByDescending(p => p.Split('/') is ["", "usr", _, _, var version, _] ? version : p.Split('/')[^1], VersionOrder.Instance),
    ];

    /// <summary>What an image is called below /EFI/Linux. Among the modules all are called after the kernel or plainly vmlinuz.efi: the folder tells them apart.</summary>
    public static string NameOf(string path) => path.Split('/') is var parts && parts[1] == "usr" ? parts[4] + ".efi" : parts[^1];

    /// <returns>Their places on the ESP, the newest first.</returns>
    private static List<string> TakeShipped(BootContext context, MountPoint esp)
    {
        var places = new List<string>();
        foreach (var path in Shipped(context.Tree))
        {
            var place = $"{esp.Path}/EFI/Linux/{NameOf(path)}";
            if (context.Tree.Find(context.Spelled(place)) is null)
                BootFiles.Copy(context, path, place);
            places.Add(context.Spelled(place));
        }
        var unused = context.Boot.KernelArguments.Concat(context.Job.Customization.KernelArguments).ToList();
        if (places.Count > 0 && unused.Count > 0)
            context.Bag.Add(BuildingRules.ArgumentsUnused, context.Job.Target.Image.Span, "uki", string.Join(' ', unused));
        return places;
    }

    private static List<string> Make(BootContext context, MountPoint esp, IReadOnlyList<Kernel> kernels)
    {
        var path = UnifiedKernelParts.StubPath(context);
        if (context.Tree.Find(path) is not RegularFile stub)
        {
            context.Bag.Add(BuildingRules.NoUnifiedKernel, context.Boot.Span, path);
            return [];
        }
        try
        {
            var names = EntryNames.Of(context.Job.Target.Image.Name, kernels.Select(k => k.Version));
            return [.. kernels.Zip(names, (kernel, name) => MakeOne(context, $"{esp.Path}/EFI/Linux/{name}.efi", kernel, stub.Content))];
        }
        catch (InvalidDataException e)
        {
            context.Bag.Add(BuildingRules.StubUnusable, context.Boot.Span, path, e.Message);
            return [];
        }
    }

    private static string MakeOne(BootContext context, string path, Kernel kernel, FileContent stub)
    {
        FileContent? Content(string? file) => file is null ? null : ((RegularFile)context.Tree.Find(file)!).Content;

        var parts = new UnifiedKernelParts(context.Release, context.CommandLine(), kernel.Version, Content(kernel.Path)!.Value)
        {
            DeviceTree = Content(DeviceTrees.Find(context, kernel)),
            Initrd = Content(kernel.InitrdPath),
        };
        var place = context.Spelled(path);
        context.Tree.Set(place, new RegularFile { Content = parts.Join(stub), Permissions = 0b110_100_100, Mtime = context.Job.Clock });
        return context.Spelled(place);
    }
}
