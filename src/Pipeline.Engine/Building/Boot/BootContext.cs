using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Engine.Building.Disks;
using Pipeline.Engine.Building.Rootfs;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Manifests.Reading;

namespace Pipeline.Engine.Building.Boot;

/// <summary>What a boot method works on: the merged tree before it is split, and where its parts will be mounted.</summary>
internal sealed record BootContext(DiskJob Job, FileTree Tree, MountPoints Mounts, DiagnosticBag Bag)
{
    private IReadOnlyList<string>? _ofContainer;

    public BootManifest Boot => Job.Board.Boot;

    /// <summary>What a method leaves for outside of all file systems.</summary>
    public BootCode? BootCode { get; set; }

    /// <summary>Where an EFI loader must lie: the mounted FAT partition of that type, else the first.</summary>
    public MountPoint? Esp => Fats.FirstOrDefault(m => PartitionTypes.IsEsp(m.Partition, Job.Board.Table.Kind)) ?? Fats.FirstOrDefault();

    /// <summary>Where a boot ROM reads plain files: the one at /boot/firmware, else the mounted FAT partition that the table marks as such, else the first.</summary>
    public MountPoint? FirmwarePlace => Fats.FirstOrDefault(m => m.Path == "/boot/firmware") ?? Fats.FirstOrDefault(m => PartitionTypes.IsBootFat(m.Partition, Job.Board.Table.Kind)) ?? Fats.FirstOrDefault();

    private IEnumerable<MountPoint> Fats => Mounts.All.Where(m => m.Identity.Kind == FileSystemKind.Fat).OrderBy(m => m.Index);

    public string SystemName => OsRelease.Read(Tree, "PRETTY_NAME") ?? OsRelease.Read(Tree, "NAME") ?? Job.Target.Image.Name;

    /// <summary>The text of os-release(5): the source's, or else one that says who this is.</summary>
    public string Release => OsRelease.Text(Tree) ?? $"ID=linux\nPRETTY_NAME={SystemName}\n";

    public void Write(string path, string text) => TreeText.Write(Tree, Spelled(path), text, Job.Clock);

    /// <summary>
    /// A path as its existing parts are spelled: containers tell cases apart and FAT does not, so that a folder <c>EFI</c>
    /// beside an <c>efi</c> could not be written.
    /// </summary>
    public string Spelled(string path)
    {
        if (Mounts.Holding(path)?.Identity.Kind != FileSystemKind.Fat)
            return path;
        var spelled = "";
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
            spelled = Tree.Find($"{spelled}/{part}") is null && UefiFiles.FindIgnoringCase(Tree, $"{spelled}/{part}") is { } other ? other : $"{spelled}/{part}";
        return spelled;
    }

    /// <summary>
    /// The kernel command line: root, then the source's own arguments, the board's, and the manifest's, so that the last
    /// word is the author's. What comes again word for word stands once, where it came last.
    /// </summary>
    public string CommandLine() => string.Join(' ', Arguments());

    public IReadOnlyList<string> Arguments()
    {
        var given = GivenArguments();
        if (Job.IsRootInInitrd)
            return given;
        var words = new List<string>();
        if (!given.Exists(a => a.StartsWith("root=", StringComparison.Ordinal)) && RootArgument() is { } root)
            words.Add(root);
        if (Mounts.Root is { Partition.FileSystem: { IsReadOnly: true, Kind: var kind } } && !given.Exists(a => a.StartsWith("rootfstype=", StringComparison.Ordinal)))
            words.Add(kind == FileSystemKind.Erofs ? "rootfstype=erofs" : "rootfstype=squashfs");
        if (!given.Exists(a => a is "ro" or "rw"))
            words.Add(Mounts.Root?.Partition.Flags.ReadOnly == true ? "ro" : "rw");
        return [.. words, .. given];
    }

    /// <summary>Those that somebody wrote down: the source's own, the board's, and the manifest's.</summary>
    public List<string> GivenArguments()
    {
        _ofContainer ??= [.. Job.SourceArguments, .. ContainerArguments.Read(Job, Tree, Bag)];
        return [.. _ofContainer.Concat(Boot.KernelArguments).Concat(Job.Customization.KernelArguments).Reverse().Distinct(StringComparer.Ordinal).Reverse()];
    }

    private string? RootArgument() => (Boot.Root, Mounts.Root) switch
    {
        (_, null) or (RootReference.Discoverable, _) => null,
        (RootReference.FileSystemUuid, { Identity.FileSystemUuid: { } uuid }) => "root=UUID=" + uuid,
        (_, { } root) => "root=PARTUUID=" + root.Identity.PartUuid,
    };
}
