using Pipeline.Core.Files;
using Pipeline.Disk.Grub;
using Pipeline.Engine.Building.Disks;
using Pipeline.Engine.Building.Rootfs;
using Pipeline.Engine.Manifests;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Manifests.Reading;

namespace Pipeline.Engine.Building.Boot;

/// <summary>
/// <c>grub-bios</c>: a core image for PC BIOS of the source's own GRUB modules, and the grub.cfg that it reads. The image
/// lies in the partition of type bios-boot, or behind an MBR in front of the first partition.
/// </summary>
internal static class GrubBios
{
    /// <summary>No file of GRUB's is nearly as long.</summary>
    private const int MaxFileBytes = 4 << 20;

    private static readonly string[] Folders = ["/usr/lib/grub/i386-pc", "/usr/share/grub2/i386-pc", "/boot/grub/i386-pc", "/boot/grub2/i386-pc"];

    /// <summary>All that our grub.cfg names, and what a person wants at its prompt: nothing must be loaded from the disk.</summary>
    private static readonly string[] Modules =
    [
        "biosdisk", "part_gpt", "part_msdos", "ext2", "fat", "search", "search_fs_uuid", "normal", "configfile", "linux", "minicmd",
        "echo", "test", "ls", "cat", "reboot", "halt", "serial",
    ];

    public static void Install(BootContext context, IReadOnlyList<Kernel> kernels)
    {
        if (context.Mounts.Holding("/boot") is not { } place)
            return;
        if (Array.Find(Folders, f => context.Tree.Find(f + "/kernel.img") is RegularFile) is not { } folder)
        {
            context.Bag.Add(BuildingRules.NoGrubBios, context.Boot.Span, string.Join(", ", Folders));
            return;
        }
        var directory = context.Tree.Find("/boot/grub2") is DirectoryNode || context.Tree.Find("/usr/sbin/grub2-install") is not null ? "/boot/grub2" : "/boot/grub";
        context.Write($"{directory}/grub.cfg", GrubConfig.Text(context, kernels));
        try
        {
            context.BootCode = Make(context, folder, place, place.Inside(directory));
        }
        catch (InvalidDataException e)
        {
            context.Bag.Add(BuildingRules.GrubBiosUnusable, context.Boot.Span, folder, e.Message);
        }
    }

    private static BootCode Make(BootContext context, string folder, MountPoint place, string inside)
    {
        var table = context.Job.Board.Table.Kind;
        var order = GrubModules.Resolve(System.Text.Encoding.UTF8.GetString(Read(context, folder, "moddep.lst")), Modules);
        var parts = new GrubPcParts(
            Read(context, folder, "kernel.img"), Read(context, folder, "lzma_decompress.img"), Read(context, folder, "diskboot.img"),
            [.. order.Select(m => Read(context, folder, m + ".mod"))],
            $"(,{(table == TableKind.Gpt ? "gpt" : "msdos")}{BoardPlacement.NumberOf(context.Job.Board, place.Index)}){inside}",
            // The file system wherever its partition went; the prefix stands where the search finds nothing.
            $"search.fs_uuid {place.Identity.FileSystemUuid} root\nset prefix=($root){inside}\n");
        var partition = table == TableKind.Mbr ? -1 : context.Job.Board.Partitions.ToList().FindIndex(p => p.TypeId == PartitionTypes.GptBiosBoot);
        return new(Read(context, folder, "boot.img"), GrubPcCore.Make(parts), partition < 0 ? null : partition);
    }

    private static byte[] Read(BootContext context, string folder, string name) => context.Tree.Find($"{folder}/{name}") is RegularFile file
        ? file.Content.ReadAll(MaxFileBytes)
        : throw new InvalidDataException($"{name} is missing");
}
