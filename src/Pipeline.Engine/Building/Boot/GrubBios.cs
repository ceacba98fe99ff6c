using Pipeline.Core.Files;
using Pipeline.Engine.Building.Disks;
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
    public static void Install(BootContext context, IReadOnlyList<Kernel> kernels)
    {
        if (context.Mounts.Holding("/boot") is not { } place)
            return;
        if (GrubPcFiles.FolderOf(context.Tree) is not { } folder)
        {
            context.Bag.Add(BuildingRules.NoGrubBios, context.Boot.Span, string.Join(", ", GrubPcFiles.Folders));
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
        var partition = table == TableKind.Mbr ? -1 : context.Job.Board.Partitions.ToList().FindIndex(p => p.TypeId == PartitionTypes.GptBiosBoot);
        return GrubPcFiles.Read(context.Tree, folder).Make(
            $"(,{(table == TableKind.Gpt ? "gpt" : "msdos")}{BoardPlacement.NumberOf(context.Job.Board, place.Index)}){inside}",
            // The file system wherever its partition went; the prefix stands where the search finds nothing.
            $"search.fs_uuid {place.Identity.FileSystemUuid} root\nset prefix=($root){inside}\n",
            partition < 0 ? null : partition);
    }
}
