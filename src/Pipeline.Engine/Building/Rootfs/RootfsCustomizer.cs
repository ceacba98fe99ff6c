using System.Text;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Engine.Manifests.Models;

namespace Pipeline.Engine.Building.Rootfs;

/// <summary>Makes the system of a manifest out of the system of a container: names, users, files, tables.</summary>
internal static class RootfsCustomizer
{
    private const ushort Sticky = 0b001_111_111_111;

    /// <summary>Directories that a kernel and an init mount over; a container may lack them.</summary>
    private static readonly string[] Expected = ["/dev", "/proc", "/sys", "/run", "/tmp", "/etc"];

    public static void Apply(RootfsContext context)
    {
        var steps = new (string Path, Action<RootfsContext> Apply)[]
        {
            ("/", Directories),
            ("/etc/hostname", Hostname),
            ("/etc/locale.conf", Locale),
            ("/etc/localtime", Timezone),
            ("/etc/machine-id", MachineId),
            ("/etc/passwd", c => new AccountsEditor(c).AddUsers()),
            ("/etc/fstab", Fstab.Apply),
        };
        foreach (var (path, apply) in steps)
            context.Guarded(null, path, () => apply(context));
        foreach (var file in context.Job.Customization.Files)
            context.Guarded(file.Span, file.Path, () => ExtraFiles.Add(context, file));
    }

    private static void Directories(RootfsContext context)
    {
        foreach (var path in Expected)
        {
            // A link that leads nowhere yet is the source's own way (/tmp of ostree systems).
            if (context.Tree.Find(path, followLast: false) is not null)
                continue;
            var made = context.Tree.EnsureDirectory(path, context.Clock);
            if (path == "/tmp")
                made.Permissions = Sticky;
        }
        foreach (var mount in context.Mounts.All.Where(m => m.Path != "/"))
            TreeFolders.Ensure(context.Tree, mount.Path, context.Clock);
    }

    private static void Hostname(RootfsContext context)
    {
        if (context.Job.Customization.Hostname is { } name)
            TreeText.Write(context.Tree, "/etc/hostname", name + "\n", context.Clock);
    }

    private static void Locale(RootfsContext context)
    {
        if (context.Job.Customization.Locale is not { } locale)
            return;
        TreeText.Write(context.Tree, "/etc/locale.conf", $"LANG={locale}\n", context.Clock);
        if (context.Tree.Find("/etc/default") is DirectoryNode)
            TreeText.Write(context.Tree, "/etc/default/locale", $"LANG={locale}\n", context.Clock);
    }

    private static void Timezone(RootfsContext context)
    {
        if (context.Job.Customization.Timezone is not { } zone)
            return;
        if (context.Tree.Find("/usr/share/zoneinfo/" + zone) is not RegularFile)
            context.Bag.Add(BuildingRules.NoTimezone, context.Job.Target.Image.Span, zone);
        var target = Encoding.UTF8.GetBytes("../usr/share/zoneinfo/" + zone);
        context.Tree.Set("/etc/localtime", new SymbolicLink { Target = target, Permissions = 0b111_111_111, Mtime = context.Clock });
        if (context.Tree.Find("/etc/timezone") is RegularFile)
            TreeText.Write(context.Tree, "/etc/timezone", zone + "\n", context.Clock);
    }

    /// <summary>An empty file: each machine that boots makes its own id. D-Bus's copy would bring the old one back.</summary>
    private static void MachineId(RootfsContext context)
    {
        if (!context.Job.Customization.ResetMachineId)
            return;
        TreeText.Write(context.Tree, "/etc/machine-id", "", context.Clock, 0b100_100_100);
        if (context.Tree.Find("/var/lib/dbus/machine-id", followLast: false) is RegularFile)
            context.Tree.Remove("/var/lib/dbus/machine-id");
    }
}
