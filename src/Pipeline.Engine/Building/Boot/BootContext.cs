using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Engine.Building.Disks;
using Pipeline.Engine.Manifests.Models;

namespace Pipeline.Engine.Building.Boot;

/// <summary>What a boot method works on: the merged tree before it is split, and where its parts will be mounted.</summary>
internal sealed record BootContext(DiskJob Job, FileTree Tree, MountPoints Mounts, DiagnosticBag Bag)
{
    public BootManifest Boot => Job.Board.Boot;

    /// <summary>Where an EFI loader must lie: the first FAT partition that is mounted.</summary>
    public MountPoint? Esp => Mounts.All.OrderBy(m => m.Index).FirstOrDefault(m => m.Identity.Kind == FileSystemKind.Fat);

    public string SystemName => OsRelease.Read(Tree, "PRETTY_NAME") ?? OsRelease.Read(Tree, "NAME") ?? Job.Target.Image.Name;

    public void Write(string path, string text) => Rootfs.TreeText.Write(Tree, path, text, Job.Clock);

    /// <summary>The kernel command line: root, then the board's arguments, then the manifest's, so that the last word is the author's.</summary>
    public string CommandLine()
    {
        var given = Boot.KernelArguments.Concat(Job.Customization.KernelArguments).ToList();
        var words = new List<string>();
        if (!given.Exists(a => a.StartsWith("root=", StringComparison.Ordinal)) && RootArgument() is { } root)
            words.Add(root);
        if (!given.Exists(a => a is "ro" or "rw"))
            words.Add(Mounts.Root?.Partition.Flags.ReadOnly == true ? "ro" : "rw");
        return string.Join(' ', words.Concat(given));
    }

    private string? RootArgument() => (Boot.Root, Mounts.Root) switch
    {
        (_, null) or (RootReference.Discoverable, _) => null,
        (RootReference.FileSystemUuid, { Identity.FileSystemUuid: { } uuid }) => "root=UUID=" + uuid,
        (_, { } root) => "root=PARTUUID=" + root.Identity.PartUuid,
    };
}
