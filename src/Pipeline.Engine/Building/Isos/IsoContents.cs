using System.Globalization;
using Pipeline.Core.Files;
using Pipeline.Engine.Building.Boot;
using Pipeline.Engine.Building.Live;

namespace Pipeline.Engine.Building.Isos;

/// <summary>All files of an ISO but the packed root and the UEFI image, which cost much and come last.</summary>
/// <param name="Efi">The files of the UEFI image; null where the source has nothing that UEFI firmware starts.</param>
/// <param name="Bios">Null where it has nothing that a BIOS starts.</param>
internal sealed record IsoContents(IsoFiles Iso, FileTree? Efi, IsoBios? Bios)
{
    public static IsoContents Gather(LiveSystem system, IsoConfig config, IsoMenu menu)
    {
        var iso = new IsoFiles(system.Job.Clock);
        foreach (var kernel in system.Kernels)
            AddKernel(iso, IsoPaths.FolderOf(system, kernel), kernel);
        var efi = new IsoEfi(system, menu).Gather(iso);
        var bios = IsoBios.Find(system);
        if (bios is not null)
        {
            iso.Set(IsoPaths.BiosImage, FileContent.Of(bios.BootImage));
            iso.Set(IsoPaths.Grub + "/grub.cfg", menu.Grub());
            bios.AddModules(system.Tree, iso);
        }
        var platform = system.Job.Board.Platform;
        if (efi is null && bios is null && !system.Bag.HasErrors)
            system.Bag.Add(IsoBuildRules.NoLoader, system.Span, EfiNames.Default(platform), IsoBios.Folders[0]);
        if (bios is null && efi is not null && !iso.Has("/EFI/BOOT/grub.cfg") && !config.Entries.IsEmpty)
            system.Bag.Add(IsoBuildRules.EntriesNotUsed, system.Span, "another loader");
        else if (bios is not null || iso.Has("/EFI/BOOT/grub.cfg"))
            menu.Check(iso);
        iso.Set(IsoPaths.DiscInfo, DiscInfo(system));
        return new(iso, efi, bios);
    }

    private static void AddKernel(IsoFiles iso, string folder, LiveKernel kernel)
    {
        iso.Set(IsoPaths.Linux(folder), kernel.Image);
        iso.Set(IsoPaths.Initrd(folder), kernel.Initrd);
        if (kernel.DeviceTree is { } tree)
            iso.Set(folder + "/board.dtb", tree);
    }

    /// <summary>When, what, for which architecture; the clock of the build, so that it comes out the same.</summary>
    private static string DiscInfo(LiveSystem system)
    {
        var name = OsRelease.Read(system.Tree, "NAME") ?? system.Job.Target.Image.Name;
        var version = OsRelease.Read(system.Tree, "VERSION_ID");
        return string.Create(CultureInfo.InvariantCulture,
            $"{system.Job.Clock.Seconds}.000000\n{(version is null ? name : $"{name} {version}")}\n{IsoLabel.LinuxName(system.Job.Board.Platform)}\n");
    }
}
