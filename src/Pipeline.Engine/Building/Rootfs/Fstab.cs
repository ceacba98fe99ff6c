using System.Text;
using Pipeline.Core.Files;
using Pipeline.Engine.Building.Disks;
using Pipeline.Engine.Manifests.Models;

namespace Pipeline.Engine.Building.Rootfs;

/// <summary>Writes /etc/fstab from the layout, or leaves it, as the manifest says; prepares growth on first boot.</summary>
internal static class Fstab
{
    private const string Repart = "/usr/lib/systemd/systemd-repart";

    public static void Apply(RootfsContext context)
    {
        switch (context.Job.Customization.Fstab)
        {
            case FstabPolicy.Generate:
                TreeText.Write(context.Tree, "/etc/fstab", Text(context), context.Clock);
                break;
            case FstabPolicy.Discoverable:
                context.Tree.Remove("/etc/fstab");
                break;
        }
        AddRepart(context);
    }

    private static string Text(RootfsContext context)
    {
        var text = new StringBuilder("# Written from the layout of the disk.\n");
        foreach (var mount in context.Mounts.All.Where(m => m.Identity.Kind != FileSystemKind.None))
            text.Append(Line(context, mount));
        for (var i = 0; i < context.Job.Board.Partitions.Length; i++)
        {
            if (context.Job.Board.Partitions[i].FileSystem.Kind == FileSystemKind.Swap)
                text.Append($"UUID={context.Identity.Partitions[i].FileSystemUuid} none swap defaults 0 0\n");
        }
        return text.ToString();
    }

    private static string Line(RootfsContext context, MountPoint mount)
    {
        var isFat = mount.Identity.Kind == FileSystemKind.Fat;
        if (mount.Identity.Kind == FileSystemKind.Squashfs)
            return $"PARTUUID={mount.Identity.PartUuid} {Escape(mount.Path)} squashfs defaults,ro 0 0\n";
        if (mount.Identity.Kind == FileSystemKind.Erofs)
            return $"UUID={mount.Identity.FileSystemUuid} {Escape(mount.Path)} erofs defaults,ro 0 0\n";
        var options = new List<string> { isFat ? "umask=0077" : "defaults" };
        if (mount.Partition.Flags.ReadOnly)
            options.Add("ro");
        if (Grows(context, mount) && HasSystemd(context))
            options.Add("x-systemd.growfs");
        var pass = mount.Path == "/" ? 1 : 2;
        return $"UUID={mount.Identity.FileSystemUuid} {Escape(mount.Path)} {(isFat ? "vfat" : "ext4")} {string.Join(',', options)} 0 {pass}\n";
    }

    /// <summary>fstab(5): fields end at a space, and a backslash begins an octal number.</summary>
    private static string Escape(string path) =>
        path.Replace("\\", "\\134", StringComparison.Ordinal).Replace(" ", "\\040", StringComparison.Ordinal);

    private static bool Grows(RootfsContext context, MountPoint mount) =>
        context.Job.Customization.GrowOnFirstBoot && mount.Partition.Flags.Grow && mount.Identity.Kind == FileSystemKind.Ext4;

    /// <summary>Other inits hand the words of the fstab to the kernel, which refuses systemd's.</summary>
    private static bool HasSystemd(RootfsContext context) =>
        (context.Tree.Find("/usr/lib/systemd/systemd") ?? context.Tree.Find("/lib/systemd/systemd")) is RegularFile;

    /// <summary>systemd-repart enlarges the partition; x-systemd.growfs then the file system. Its own rules, if it has any, stay.</summary>
    private static void AddRepart(RootfsContext context)
    {
        if (context.Mounts.Root is not { } root || !Grows(context, root))
            return;
        TellIfNothingGrows(context, root);
        if (!IsFirstOfItsType(context.Job.Board, root))
            return;
        var hasRules = context.Tree.Find("/usr/lib/repart.d") is not null || context.Tree.Find("/etc/repart.d") is not null;
        if (!hasRules && HasRepart(context))
            TreeText.Write(context.Tree, "/etc/repart.d/50-root.conf", $"[Partition]\nType={root.Partition.TypeId}\n", context.Clock);
    }

    private static bool HasRepart(RootfsContext context) => (context.Tree.Find(Repart) ?? context.Tree.Find("/usr/bin/systemd-repart")) is RegularFile;

    /// <summary>
    /// cloud-init calls growpart by itself, on either table. A system without systemd has its own ways, which are not
    /// known here.
    /// </summary>
    private static void TellIfNothingGrows(RootfsContext context, MountPoint root)
    {
        var hasGrowpart = context.Tree.Find("/usr/bin/growpart") is not null && context.Tree.Find("/usr/bin/cloud-init") is not null;
        var repartKnowsIt = HasRepart(context) && IsFirstOfItsType(context.Job.Board, root);
        if (HasSystemd(context) && !hasGrowpart && !repartKnowsIt)
            context.Bag.Add(BuildingRules.NoGrowth, context.Job.Target.Image.Source.Span, context.Job.Board.Table.Kind == TableKind.Gpt ? "systemd-repart" : "systemd-repart (which knows no MBR)");
    }

    /// <summary>
    /// systemd-repart knows a partition by its type alone: another type would make a new partition, and another partition
    /// of the type would grow in its place. It knows no MBR.
    /// </summary>
    private static bool IsFirstOfItsType(BoardManifest board, MountPoint root) =>
        board.Table.Kind == TableKind.Gpt && Array.FindIndex([.. board.Partitions], p => p.TypeId == root.Partition.TypeId) == root.Index;
}
