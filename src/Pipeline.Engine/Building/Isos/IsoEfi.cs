using Pipeline.Core.Files;
using Pipeline.Engine.Building.Boot;
using Pipeline.Engine.Building.Live;
using Pipeline.Engine.Building.Rootfs;

namespace Pipeline.Engine.Building.Isos;

/// <summary>
/// What UEFI firmware starts, on the ISO and in its FAT image alike: firmware reads the image, and some GRUBs that were started
/// from there look for their configuration on the ISO.
/// </summary>
internal sealed class IsoEfi(LiveSystem system, IsoMenu menu)
{
    private const string Folder = "/EFI/BOOT";
    private static readonly string[] Fonts = ["/usr/share/grub/unicode.pf2", "/usr/share/grub2/unicode.pf2", "/boot/grub2/fonts/unicode.pf2", "/boot/grub/fonts/unicode.pf2"];
    private readonly string _suffix = EfiNames.Suffix(system.Job.Board.Platform);

    private string Fallback => $"{Folder}/{EfiNames.Default(system.Job.Board.Platform)}";

    private string Stub => UnifiedKernelParts.StubPath(system.Boot);

    /// <param name="iso">Gets what the image gets, without kernels, which it has elsewhere.</param>
    /// <returns>The files of the FAT image; null where the source has no loader.</returns>
    public FileTree? Gather(IsoFiles iso)
    {
        var loaders = EfiLoaders.Find(system.Tree, system.Job.Board.Platform);
        var image = new IsoFiles(system.Job.Clock);
        if ((loaders.GrubForCd ?? loaders.Grub) is { } grub)
            AddGrub(loaders, grub, [iso, image]);
        else if (Shipped() is { Count: > 0 } shipped)
            AddShipped(shipped, loaders.SystemdBoot, image);
        else if (loaders.SystemdBoot is not null)
            AddSystemdBoot(loaders.SystemdBoot, iso, image);
        else if (system.Tree.Find(Stub) is RegularFile stub)
            AddUnifiedKernel(stub.Content, image);
        return image.Has(Fallback) ? image.Tree : null;
    }

    /// <summary>Shim starts GRUB by its name; GRUB's configuration lies wherever one of them may look.</summary>
    private void AddGrub(EfiLoaders loaders, string grub, IsoFiles[] places)
    {
        var text = menu.Grub();
        foreach (var files in places)
        {
            files.Copy(system.Tree, loaders.Shim ?? grub, Fallback);
            if (loaders.Shim is not null)
                files.Copy(system.Tree, grub, $"{Folder}/grub{_suffix}.efi");
            files.Copy(system.Tree, loaders.Shim is null ? null : loaders.MokManager, $"{Folder}/mm{_suffix}.efi");
            files.Copy(system.Tree, Array.Find(Fonts, f => system.Tree.Find(f) is RegularFile), $"{Folder}/fonts/unicode.pf2");
            foreach (var folder in ConfigurationFolders(loaders))
                files.Set($"{folder}/grub.cfg", text);
        }
    }

    private IEnumerable<string> ConfigurationFolders(EfiLoaders loaders)
    {
        var names = new SortedSet<string>(StringComparer.OrdinalIgnoreCase) { "BOOT" };
        if (loaders.Vendor is { } vendor)
            names.Add(vendor);
        if (OsRelease.Read(system.Tree, "ID") is { } id && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
            names.Add(id);
        return names.Select(n => "/EFI/" + n).Append(IsoPaths.DebianGrub);
    }

    /// <summary>systemd-boot reads nothing but FAT: the kernels lie in the image too.</summary>
    private void AddSystemdBoot(string loader, IsoFiles iso, IsoFiles image)
    {
        iso.Copy(system.Tree, loader, Fallback);
        image.Copy(system.Tree, loader, Fallback);
        image.Set("/loader/loader.conf", $"timeout {menu.Timeout}\n");
        image.Set("/loader/entries.srel", "type1\n");
        foreach (var (kernel, name) in system.Kernels.Zip(EntryNames.Of(system.Job.Target.Image.Name, system.Kernels.Select(k => k.Version))))
        {
            var folder = IsoPaths.FolderOf(system, kernel);
            image.Set(IsoPaths.Linux(folder), kernel.Image);
            image.Set(IsoPaths.Initrd(folder), kernel.Initrd);
            var tree = "";
            if (kernel.DeviceTree is { } deviceTree)
            {
                image.Set(folder + "/board.dtb", deviceTree);
                tree = $"devicetree {folder}/board.dtb\n";
            }
            image.Set($"/loader/entries/{name}.conf", $"title {system.Boot.SystemName}\nversion {kernel.Version}\nlinux {IsoPaths.Linux(folder)}\n"
                + $"initrd {IsoPaths.Initrd(folder)}\n{tree}options {string.Join(' ', menu.Arguments(kernel))}\n");
        }
    }

    /// <summary>
    /// The source's own unified kernel images, which may be signed: those whose arguments start this very medium. What is meant for
    /// an installed system would look for its disk.
    /// </summary>
    private List<string> Shipped()
    {
        var fit = new List<string>();
        foreach (var path in UnifiedKernels.Shipped(system.Tree))
        {
            if (CommandLineOf(path) is { } line && menu.StartsThisMedium(line))
                fit.Add(path);
            else
                system.Bag.Add(IsoBuildRules.UnifiedKernelElsewhere, system.Span, path, menu.RootArgument);
        }
        return fit;
    }

    private string? CommandLineOf(string path)
    {
        try
        {
            return UnifiedKernelFile.Read(((RegularFile)system.Tree.Find(path)!).Content).CommandLine;
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    /// <summary>systemd-boot finds them by their place; without it the newest starts at once.</summary>
    private void AddShipped(List<string> shipped, string? loader, IsoFiles image)
    {
        if (loader is not null)
            image.Set("/loader/loader.conf", $"timeout {menu.Timeout}\n");
        foreach (var path in loader is null ? shipped[..1] : shipped)
            image.Copy(system.Tree, path, loader is null ? Fallback : $"/EFI/Linux/{UnifiedKernels.NameOf(path)}");
        image.Copy(system.Tree, loader, Fallback);
        if (system.Boot.GivenArguments() is { Count: > 0 } unused)
            system.Bag.Add(BuildingRules.ArgumentsUnused, system.Span, "uki", string.Join(' ', unused));
    }

    /// <summary>The newest kernel as the program that firmware starts, with initrd and arguments in it.</summary>
    private void AddUnifiedKernel(FileContent stub, IsoFiles image)
    {
        var kernel = system.Kernels[0];
        var parts = new UnifiedKernelParts(system.Boot.Release, string.Join(' ', menu.Arguments(kernel)), kernel.Version, kernel.Image)
        {
            DeviceTree = kernel.DeviceTree,
            Initrd = kernel.Initrd,
        };
        try
        {
            image.Set(Fallback, parts.Join(stub));
        }
        catch (InvalidDataException e)
        {
            system.Bag.Add(IsoBuildRules.StubUnusable, system.Span, Stub, e.Message);
        }
    }
}
