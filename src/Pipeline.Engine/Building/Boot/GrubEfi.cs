using Pipeline.Core.Files;
using Pipeline.Engine.Building.Disks;
using Pipeline.Engine.Building.Rootfs;

namespace Pipeline.Engine.Building.Boot;

/// <summary>
/// <c>grub-efi</c>: shim and GRUB from the source, their configuration from here. A signed GRUB reads the configuration
/// of its vendor's folder on the ESP; the same file goes into the fallback folder.
/// </summary>
internal static class GrubEfi
{
    public static void Install(BootContext context, IReadOnlyList<Kernel> kernels)
    {
        if (context.Esp is not { } esp)
        {
            context.Bag.Add(BuildingRules.NoBootPartition, context.Boot.Span, "grub-efi", "a mounted FAT partition of type esp");
            return;
        }
        if (!InstallLoader(context, esp))
            return;
        var configuration = GrubConfig.Text(context, kernels);
        foreach (var folder in ConfigurationFolders(context, esp))
            context.Write($"{folder}/grub.cfg", configuration);
    }

    /// <summary>Takes the loader that is on the ESP already, else one of the places where distributions keep it.</summary>
    private static bool InstallLoader(BootContext context, MountPoint esp)
    {
        var platform = context.Job.Board.Platform;
        var fallback = $"{esp.Path}/EFI/BOOT/{EfiNames.Default(platform)}";
        if (UefiFiles.FindIgnoringCase(context.Tree, fallback) is not null)
            return true;
        // bootupd keeps the ESP content of a bootc system in the first, its newer versions a folder a package in the second.
        foreach (var folder in TreeGlob.Match(context.Tree, "/usr/lib/efi/*/*/EFI").Prepend("/usr/lib/bootupd/updates/EFI"))
            BootFiles.CopyFolder(context, folder, $"{esp.Path}/EFI");
        if (UefiFiles.FindIgnoringCase(context.Tree, fallback) is not null)
            return true;
        var suffix = EfiNames.Suffix(platform);
        var shim = $"/usr/lib/shim/shim{suffix}.efi.signed";
        var signed = $"/usr/lib/grub/{EfiNames.GrubTarget(platform)}-signed/grub{suffix}.efi.signed";
        if (context.Tree.Find(signed) is not RegularFile)
        {
            context.Bag.Add(BuildingRules.NoLoader, context.Boot.Span, EfiNames.Default(platform),
                $"{fallback}, /usr/lib/bootupd/updates/EFI, /usr/lib/efi/*/*/EFI, {shim} and {signed}");
            return false;
        }
        var hasShim = context.Tree.Find(shim) is RegularFile;
        BootFiles.Copy(context, hasShim ? shim : signed, fallback);
        if (hasShim)
            BootFiles.Copy(context, signed, $"{esp.Path}/EFI/BOOT/grub{suffix}.efi");
        return true;
    }

    /// <summary>The fallback folder, every vendor's folder that is there, and that of the distribution: a signed GRUB looks only into its own.</summary>
    private static IEnumerable<string> ConfigurationFolders(BootContext context, MountPoint esp)
    {
        var folders = new SortedSet<string>(StringComparer.OrdinalIgnoreCase) { "BOOT" };
        if (OsRelease.Read(context.Tree, "ID") is { } id && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
            folders.Add(id);
        var efi = UefiFiles.FindIgnoringCase(context.Tree, $"{esp.Path}/EFI") ?? $"{esp.Path}/EFI";
        if (context.Tree.Find(efi) is DirectoryNode directory)
        {
            foreach (var (name, node) in directory.Children)
            {
                if (node is DirectoryNode && !folders.Contains(name.ToString()))
                    folders.Add(name.ToString());
            }
        }
        return folders.Select(f => UefiFiles.FindIgnoringCase(context.Tree, $"{efi}/{f}") ?? $"{efi}/{f}");
    }
}
