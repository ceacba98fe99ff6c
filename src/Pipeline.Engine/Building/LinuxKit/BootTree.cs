using Pipeline.Core.Files;
using Pipeline.Engine.Building.Disks;

namespace Pipeline.Engine.Building.LinuxKit;

/// <summary>
/// What a disk of a LinuxKit system holds besides its tables: kernel and initrd in <c>/boot</c>, and loaders and device
/// trees where the boot methods look for them. The root itself is in the initrd and not here.
/// </summary>
internal static class BootTree
{
    /// <summary>Where distributions keep loaders; a system's init images may bring some.</summary>
    private static readonly string[] LoaderPlaces =
    [
        "/boot", "/usr/lib/grub", "/usr/lib/systemd/boot", "/usr/lib/shim", "/usr/lib/efi", "/usr/lib/bootupd", "/usr/lib/u-boot", "/usr/lib/raspi-firmware",
        "/usr/share/grub2", "/etc/os-release", "/usr/lib/os-release",
    ];

    public static FileTree Make(DiskJob job, LinuxKitSystem system, FileContent initrd)
    {
        var tree = new FileTree(FileTree.NewDirectory(ImageFilter.Clock));
        foreach (var place in LoaderPlaces)
            Copy(system.Root, tree, place);
        TreeOverlay.Lay(tree, Loaders(system.KernelTree));
        var version = system.KernelVersion;
        Set(tree, $"/boot/vmlinuz-{version}", system.Kernel.Kernel.Content, job.Clock);
        Set(tree, $"/boot/initrd.img-{version}", initrd, job.Clock);
        return tree;
    }

    /// <summary>The kernel image without what went into the root, and without what is for building only.</summary>
    private static FileTree Loaders(FileTree kernelTree)
    {
        var tree = new FileTree(FileTree.NewDirectory(ImageFilter.Clock));
        foreach (var (name, node) in kernelTree.Clone().Root.Children.Where(c => c.Value is DirectoryNode))
            tree.Root.Set(name, node);
        tree.Remove("/lib/modules");
        tree.Remove("/usr/lib/modules");
        if (tree.Find("/boot") is DirectoryNode boot)
        {
            foreach (var (name, _) in boot.Children.Where(c => IsKernel(c.Key.ToString())).ToList())
                boot.Remove(name);
        }
        return tree;
    }

    /// <summary>There is one kernel, and it was chosen.</summary>
    private static bool IsKernel(string name) =>
        new[] { "vmlinuz-", "vmlinux-", "Image-", "initrd", "initramfs" }.Any(p => name.StartsWith(p, StringComparison.Ordinal));

    private static void Copy(FileTree from, FileTree to, string path)
    {
        if (from.Find(path) is { } node)
            to.Set(path, new FileTree((DirectoryNode)Wrap(node)).Clone().Root.Children[0].Value);
    }

    // A clone of a subtree is that of a tree which has nothing else.
    private static DirectoryNode Wrap(FileNode node)
    {
        var root = new DirectoryNode();
        root.Set(FileName.Of("x"), node);
        return root;
    }

    private static void Set(FileTree tree, string path, FileContent content, UnixTime clock) =>
        tree.Set(path, new RegularFile { Content = content, Permissions = ImageFilter.FilePermissions, Mtime = clock });
}
