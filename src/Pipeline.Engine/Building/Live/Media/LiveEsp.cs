using System.Collections.Immutable;
using Pipeline.Core.Files;
using Pipeline.Engine.Building.Boot;

namespace Pipeline.Engine.Building.Live.Media;

/// <summary>
/// The system partition of a live disk: what firmware starts, kernels and initrds below <c>/container2boot</c>, and a menu
/// that finds them beside itself, wherever the files are copied to.
/// </summary>
internal sealed class LiveEsp
{
    /// <summary>The folder of kernels, initrds and the root image.</summary>
    public const string Directory = "/container2boot";

    /// <summary>Where GRUB looks that a BIOS starts.</summary>
    public const string GrubDirectory = "/boot/grub";

    private readonly LiveSystem _system;
    private readonly EspFiles _files;
    private readonly ImmutableArray<LiveEntry> _entries;

    private LiveEsp(LiveSystem system)
    {
        _system = system;
        _files = new(system.Job.Clock);
        _entries = [.. system.Kernels.Select((k, i) => Add(k, i == 0 ? Directory : $"{Directory}/{k.Version}"))];
    }

    public FileTree Tree => _files.Tree;

    /// <summary>Whether UEFI firmware can start it.</summary>
    public bool HasEfi { get; private set; }

    private string Fallback => "/EFI/BOOT/" + EfiNames.Default(_system.Job.Board.Platform);

    /// <summary>Loaders and kernels; the menu follows when the medium is known.</summary>
    public static LiveEsp Gather(LiveSystem system)
    {
        var esp = new LiveEsp(system);
        esp.HasEfi = esp.AddLoaders(EfiLoaders.Find(system.Tree, system.Job.Board.Platform));
        return esp;
    }

    public void AddRoot(FileContent root, string name) => _files.Set($"{Directory}/{name}", root);

    /// <param name="hasBios">GRUB is started by a BIOS too.</param>
    public void AddMenu(LiveMedium medium, bool hasBios)
    {
        var menu = LiveMenu.Grub(_system, _entries, medium);
        if (hasBios)
            _files.Set($"{GrubDirectory}/grub.cfg", menu);
        if (!HasEfi)
            return;
        if (_files.Find("/EFI/systemd") is not null)
        {
            foreach (var (path, text) in LiveMenu.SystemdBoot(_system, _entries, medium))
                _files.Set(path, text);
            return;
        }
        var folders = _files.Folders("/EFI").Append("BOOT");
        if (OsRelease.Read(_system.Tree, "ID") is { } id && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
            folders = folders.Append(id);
        foreach (var folder in folders.Distinct(StringComparer.OrdinalIgnoreCase).ToList())
            _files.Set($"/EFI/{folder}/grub.cfg", menu);
    }

    private LiveEntry Add(LiveKernel kernel, string folder)
    {
        _files.Set($"{folder}/vmlinuz", kernel.Image);
        _files.Set($"{folder}/initrd.img", kernel.Initrd);
        if (kernel.DeviceTree is { } tree)
            _files.Set($"{folder}/board.dtb", tree);
        return new(kernel, $"{folder}/vmlinuz", $"{folder}/initrd.img", kernel.DeviceTree is null ? null : $"{folder}/board.dtb");
    }

    /// <summary>What firmware looks for must be there in the end, and beside shim the GRUB that it starts.</summary>
    private bool AddLoaders(EfiLoaders loaders)
    {
        foreach (var folder in loaders.Folders)
            _files.CopyFolder(_system.Tree, folder, "/EFI");
        var suffix = EfiNames.Suffix(_system.Job.Board.Platform);
        // With it beside it, shim would write boot entries for this medium into the machine, and start it anew.
        _files.Remove($"/EFI/BOOT/fb{suffix}.efi");
        var hasGrub = loaders.Grub is not null;
        var first = hasGrub ? loaders.Shim ?? loaders.Grub : loaders.SystemdBoot;
        if (_files.Find(Fallback) is null)
            Copy(first, Fallback);
        if (loaders.Shim is not null)
        {
            Copy(loaders.Grub, $"/EFI/BOOT/grub{suffix}.efi");
            Copy(loaders.MokManager, $"/EFI/BOOT/mm{suffix}.efi");
        }
        if (!hasGrub && loaders.SystemdBoot is not null)
            Copy(loaders.SystemdBoot, $"/EFI/systemd/systemd-boot{suffix}.efi");
        return _files.Find(Fallback) is not null;
    }

    private void Copy(string? from, string to)
    {
        if (from is not null && _files.Find(to) is null)
            _files.Set(to, ((RegularFile)_system.Tree.Find(from)!).Content);
    }
}
