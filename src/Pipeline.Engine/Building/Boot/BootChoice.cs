using Pipeline.Core.Files;
using Pipeline.Engine.Building.Disks;
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
    private static readonly string[] Configurations =
    [
        "/boot/grub/grub.cfg", "/boot/grub2/grub.cfg", "/boot/loader/entries/*.conf", "/boot/extlinux/extlinux.conf", "/extlinux/extlinux.conf", "/boot/boot.scr",
    ];

    public static BootMethod Of(BootContext context)
    {
        if (context.Esp is not { } esp)
            return BootMethod.None;
        var loader = $"{esp.Path}/EFI/BOOT/{EfiNames.Default(context.Job.Board.Platform)}";
        var hasLoader = UefiFiles.FindIgnoringCase(context.Tree, loader) is not null;
        if (HasOwnConfiguration(context, esp))
            return hasLoader ? BootMethod.UefiFiles : BootMethod.None;
        var hasKernel = KernelFinder.Find(context.Tree).Count > 0;
        // A GRUB that was put there and not configured; any other loader may need no configuration.
        if (hasKernel && OnEsp(context, esp, "EFI", "*/grub*.efi"))
            return BootMethod.GrubEfi;
        if (hasLoader)
            return BootMethod.UefiFiles;
        if (hasKernel && HasGrub(context))
            return BootMethod.GrubEfi;
        if (hasKernel && HasSystemdBoot(context))
            return BootMethod.SystemdBoot;
        if (PartitionTypes.IsEsp(esp.Partition, context.Job.Board.Table.Kind))
            context.Bag.Add(CarriedRules.NoLoader, context.Boot.Span, loader);
        return BootMethod.None;
    }

    /// <summary>GRUB's, Boot Loader Specification entries, unified kernels, and what U-Boot reads by itself.</summary>
    private static bool HasOwnConfiguration(BootContext context, MountPoint esp) =>
        Array.Exists(Configurations, p => TreeGlob.Match(context.Tree, p).Any())
        || OnEsp(context, esp, "EFI", "*/grub.cfg") || OnEsp(context, esp, "EFI/Linux", "*.efi") || OnEsp(context, esp, "loader/entries", "*.conf");

    /// <summary>Whether a folder of the ESP, however it is spelled, has what a pattern matches.</summary>
    private static bool OnEsp(BootContext context, MountPoint esp, string folder, string pattern) =>
        UefiFiles.FindIgnoringCase(context.Tree, $"{esp.Path}/{folder}") is { } place && TreeGlob.Match(context.Tree, $"{place}/{pattern}").Any();

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
