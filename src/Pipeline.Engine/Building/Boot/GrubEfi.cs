using System.Text;
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
    /// <summary>What GRUB's shell does not take for a part of a word.</summary>
    private const string Special = "$;|&<>{}\"'\\# ";

    public static void Install(BootContext context, IReadOnlyList<Kernel> kernels)
    {
        if (context.Esp is not { } esp)
        {
            context.Bag.Add(BuildingRules.NoBootPartition, context.Boot.Span, "grub-efi", "a mounted FAT partition of type esp");
            return;
        }
        if (!InstallLoader(context, esp))
            return;
        var configuration = Configuration(context, kernels);
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

    private static string Configuration(BootContext context, IReadOnlyList<Kernel> kernels)
    {
        var text = new StringBuilder("# Written from the manifest and the board.\nset default=0\n");
        text.Append($"set timeout={(kernels.Count > 1 ? 3 : 1)}\n");
        foreach (var kernel in kernels)
        {
            // GRUB finds a file system by its identifier: a kernel on one that has none is copied to the ESP.
            var place = context.Mounts.Holding(kernel.Path) is { Identity.FileSystemUuid: not null } holding ? holding : context.Esp!;
            text.Append($"menuentry '{context.SystemName} ({kernel.Version})' {{\n");
            text.Append($"    search --no-floppy --fs-uuid --set=root {place.Identity.FileSystemUuid}\n");
            if (DeviceTrees.Find(context, kernel) is { } tree)
                text.Append($"    devicetree {BootFiles.On(context, place, tree, kernel.Version)}\n");
            text.Append($"    linux {BootFiles.On(context, place, kernel.Path, kernel.Version)} {string.Join(' ', context.Arguments().Select(Word))}\n");
            if (kernel.InitrdPath is { } initrd)
                text.Append($"    initrd {BootFiles.On(context, place, initrd, kernel.Version)}\n");
            text.Append("}\n");
        }
        return text.ToString();
    }

    /// <summary>
    /// An argument that GRUB's shell hands on as it is. Double quotes go: GRUB puts its own around what has a space, and
    /// would escape those inside in a way that the kernel does not read.
    /// </summary>
    private static string Word(string argument) =>
        argument.Any(Special.Contains) ? $"'{argument.Replace("\"", "", StringComparison.Ordinal).Replace("'", @"'\''", StringComparison.Ordinal)}'" : argument;
}
