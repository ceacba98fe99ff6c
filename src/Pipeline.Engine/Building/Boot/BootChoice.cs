using Pipeline.Core.Files;
using Pipeline.Engine.Building.Rootfs;
using Pipeline.Engine.Manifests.Carried;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Manifests.Reading;

namespace Pipeline.Engine.Building.Boot;

/// <summary>
/// How a disk boots whose layout came with its container, which says no method: by what the container brought, and only
/// where it brought no configuration by one that is written here.
/// </summary>
internal static class BootChoice
{
    public static BootMethod Of(BootContext context)
    {
        if (context.Esp is not { } esp)
            return BootMethod.None;
        var loader = $"{esp.Path}/EFI/BOOT/{EfiNames.Default(context.Job.Board.Platform)}";
        if (UefiFiles.FindIgnoringCase(context.Tree, loader) is not null)
            return BootMethod.UefiFiles;
        if (HasOwnConfiguration(context))
            return BootMethod.None;
        var hasKernel = KernelFinder.Find(context.Tree).Count > 0;
        if (hasKernel && HasGrub(context))
            return BootMethod.GrubEfi;
        if (hasKernel && HasSystemdBoot(context))
            return BootMethod.SystemdBoot;
        if (PartitionTypes.IsEsp(esp.Partition, context.Job.Board.Table.Kind))
            context.Bag.Add(CarriedRules.NoLoader, context.Boot.Span, loader);
        return BootMethod.None;
    }

    /// <summary>What U-Boot reads by itself.</summary>
    private static bool HasOwnConfiguration(BootContext context) =>
        context.Tree.Find("/boot/extlinux/extlinux.conf") is RegularFile || context.Tree.Find("/boot/boot.scr") is RegularFile;

    private static bool HasGrub(BootContext context)
    {
        var platform = context.Job.Board.Platform;
        var signed = $"/usr/lib/grub/{EfiNames.GrubTarget(platform)}-signed/grub{EfiNames.Suffix(platform)}.efi.signed";
        return context.Tree.Find("/usr/lib/bootupd/updates/EFI") is DirectoryNode
            || TreeGlob.Match(context.Tree, "/usr/lib/efi/*/*/EFI").Any()
            || context.Tree.Find(signed) is RegularFile;
    }

    private static bool HasSystemdBoot(BootContext context)
    {
        var loader = $"/usr/lib/systemd/boot/efi/systemd-boot{EfiNames.Suffix(context.Job.Board.Platform)}.efi";
        return context.Tree.Find(loader) is RegularFile || context.Tree.Find(loader + ".signed") is RegularFile;
    }
}
