using System.Text;
using Pipeline.Core.Files;
using Pipeline.Disk.Grub;
using Pipeline.Engine.Building.Live;

namespace Pipeline.Engine.Building.Isos;

/// <summary>
/// What starts an ISO where there is a PC BIOS: GRUB's core image behind <c>cdboot.img</c> for CDs, <c>boot_hybrid.img</c> for
/// disks, and the modules that GRUB loads later.
/// </summary>
/// <param name="BootImage">For El Torito.</param>
/// <param name="HybridCode">For sector 0.</param>
internal sealed record IsoBios(byte[] BootImage, byte[] HybridCode, string Folder)
{
    public static readonly string[] Folders = ["/usr/lib/grub/i386-pc", "/usr/share/grub2/i386-pc", "/usr/lib/grub2/i386-pc"];
    private const int MaxFileBytes = 4 << 20;
    private const int CdBootBytes = 2048;

    /// <summary>The contract's: enough to find all others on the ISO.</summary>
    private static readonly string[] CoreModules = ["biosdisk", "part_gpt", "iso9660"];

    /// <returns>Null where the source has no GRUB for a BIOS, or the bag says why it is not good for one.</returns>
    public static IsoBios? Find(LiveSystem system)
    {
        if (system.Job.Board.Platform.Architecture is not ("amd64" or "386") || Array.Find(Folders, f => system.Tree.Find(f + "/kernel.img") is RegularFile) is not { } folder)
            return null;
        try
        {
            return Make(system.Tree, folder);
        }
        catch (InvalidDataException e)
        {
            system.Bag.Add(IsoBuildRules.GrubUnusable, system.Span, folder, e.Message);
            return null;
        }
    }

    /// <summary>Modules and lists; images are good for nothing there.</summary>
    public void AddModules(FileTree from, IsoFiles iso)
    {
        foreach (var (name, _) in ((DirectoryNode)from.Find(Folder)!).Children)
        {
            var text = name.ToString();
            if (text.EndsWith(".mod", StringComparison.Ordinal) || text.EndsWith(".lst", StringComparison.Ordinal))
                iso.Copy(from, $"{Folder}/{text}", $"{IsoPaths.Grub}/i386-pc/{text}");
        }
    }

    /// <exception cref="InvalidDataException">A file is missing or damaged.</exception>
    private static IsoBios Make(FileTree tree, string folder)
    {
        byte[] Read(string name) => tree.Find($"{folder}/{name}") is RegularFile file
            ? file.Content.ReadAll(MaxFileBytes)
            : throw new InvalidDataException($"{name} is missing");

        var order = GrubModules.Resolve(Encoding.UTF8.GetString(Read("moddep.lst")), CoreModules);
        var core = GrubPcCore.Make(new(
            Read("kernel.img"), Read("lzma_decompress.img"), Read("diskboot.img"), [.. order.Select(m => Read(m + ".mod"))], IsoPaths.Grub, null));
        var (start, hybrid) = (Read("cdboot.img"), Read("boot_hybrid.img"));
        if (start.Length != CdBootBytes || hybrid.Length != GrubPcCore.SectorBytes)
            throw new InvalidDataException($"cdboot.img has {start.Length} and boot_hybrid.img {hybrid.Length} bytes, expected {CdBootBytes} and {GrubPcCore.SectorBytes}");
        // The ISO writer fills in where the core image lies.
        return new([.. start, .. core.At(0)], hybrid, folder);
    }
}
