using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Core.Hashing;
using Pipeline.Disk.Verity;
using Pipeline.Engine.Building.Boot;
using Pipeline.Engine.Building.Disks;
using Pipeline.Engine.Building.Live.Initrds;
using Pipeline.Engine.Manifests;
using Pipeline.Engine.Manifests.Models;

namespace Pipeline.Engine.Building.Live.Media;

/// <summary>
/// A disk that runs from a packed root: a system partition with loaders, kernels and the root image, or the root in a
/// partition of its own. UEFI firmware starts it, and a PC BIOS where the source has GRUB for one.
/// </summary>
internal sealed class LiveDisk
{
    public const string DefaultLabel = "C2BOOT";

    /// <summary>FAT counts the bytes of a file in 32 bits.</summary>
    public const long MaxFatFileBytes = uint.MaxValue;
    private readonly LiveSystem _system;
    private readonly LiveEsp _esp;
    private readonly LiveParts _parts;
    private readonly TableKind _table;
    private readonly GrubPcFiles? _bios;
    private readonly int? _biosIndex;
    private readonly int _espIndex;

    private LiveDisk(LiveSystem system, LiveEsp esp, GrubPcFiles? bios)
    {
        (_system, _esp, _bios) = (system, esp, bios);
        _table = TableOf(system);
        _parts = new(system, _table);
        if (bios is not null && _table == TableKind.Gpt)
            _biosIndex = _parts.AddBiosBoot();
        _espIndex = _parts.AddEsp(esp.Tree, LabelOf(system));
    }

    /// <param name="job">With its own board, whose table and loaders the disk takes over.</param>
    /// <param name="tree">Of this disk alone; it is changed.</param>
    /// <returns>Null where the bag has the reason.</returns>
    public static BuiltDisk? Build(DiskJob job, FileTree tree, DiagnosticBag bag, CancellationToken ct)
    {
        using var system = LiveSystem.Make(job, tree, bag);
        if (system is null || !LiveChecks.Pass(system))
            return null;
        var disk = new LiveDisk(system, LiveEsp.Gather(system), FindBios(system));
        if (!disk._esp.HasEfi && disk._bios is null)
            bag.Add(LiveRules.NoLoader, system.Span, EfiNames.Default(job.Board.Platform), string.Join(", ", GrubPcFiles.Folders));
        if (bag.HasErrors)
            return null;
        using var root = LiveRoot.Pack(system, ct);
        return root is null || bag.HasErrors ? null : disk.Write(root, ct);
    }

    /// <summary>How the system partition is found from the running system.</summary>
    public static string DeviceOf(LiveSystem system) => $"{(TableOf(system) == TableKind.Gpt ? "PARTLABEL" : "LABEL")}={LabelOf(system)}";

    public static string LabelOf(LiveSystem system) => system.Options.Label ?? DefaultLabel;

    private static TableKind TableOf(LiveSystem system) => system.Options.Table ?? system.Job.Board.Table.Kind;

    private static GrubPcFiles? FindBios(LiveSystem system)
    {
        if (system.Job.Board.Platform.Architecture is not ("amd64" or "386") || GrubPcFiles.FolderOf(system.Tree) is not { } folder)
            return null;
        try
        {
            return GrubPcFiles.Read(system.Tree, folder);
        }
        catch (InvalidDataException e)
        {
            system.Bag.Add(BuildingRules.GrubBiosUnusable, system.Span, folder, e.Message);
            return null;
        }
    }

    private BuiltDisk? Write(LiveRoot root, CancellationToken ct)
    {
        var medium = PlaceRoot(root, ct);
        if (_system.Options.Persistence is { } size)
            medium = medium with { Persistence = _parts.PartUuid(_parts.AddPersistence(size)) };
        _esp.AddMenu(medium, _bios is not null);
        var job = _system.Job with { BootCode = MakeBootCode(), Target = _system.Job.Target with { Board = _parts.Board } };
        if (_system.Bag.HasErrors)
            return null;
        using var plan = DiskPlan.Make(job, DiskIdentity.Of(job.Board, job.Seed), _parts.Contents, [], _system.Bag, ct);
        if (plan is null)
            return null;
        var path = Path.Combine(job.Context.OutputDirectory, job.FileStem + ".live.img");
        using var activity = job.Context.Reporter.Begin($"write {Path.GetFileName(path)}", plan.ContentBytes);
        DiskAssembler.Write(plan, job.Parallelism, path, activity, ct);
        return new(path, plan.Placement.DiskBytes, [.. plan.Map()]);
    }

    /// <summary>A file beside the kernel, or a partition: a file cannot be read through dm-verity, and FAT ends at 4 GiB.</summary>
    private LiveMedium PlaceRoot(LiveRoot root, CancellationToken ct)
    {
        var options = _system.Options;
        if (_system.Job.IsRootInInitrd)
            return new(DeviceOf(_system));
        var isPartition = options.Verity || options.RootPlace == LiveRootPlace.Partition
            || (options.RootPlace == LiveRootPlace.Automatic && root.Content.LengthBytes > MaxFatFileBytes);
        var family = _system.Kernels[0].Facts.Family;
        if (!isPartition)
        {
            _esp.AddRoot(root.Content, FileName(family));
            return new(DeviceOf(_system)) { Directory = LiveEsp.Directory, FileName = FileName(family) };
        }
        if (options.Verity)
            return PlaceVerity(root, ct);
        if (family != InitrdFamily.LiveBoot)
            return new(_parts.PartUuid(_parts.AddRoot(root.Content, null)));
        const string folder = "/live";
        return new(_parts.PartUuid(_parts.AddRootFile(root.Content, $"{folder}/{FileName(family)}", "live-root"))) { Directory = folder, FileName = FileName(family) };
    }

    /// <summary>systemd in the initrd opens the device, and mounts it too unless dracut shall put a partition over it.</summary>
    private LiveMedium PlaceVerity(LiveRoot root, CancellationToken ct)
    {
        var seed = _system.Job.Seed;
        var salt = System.Security.Cryptography.HMACSHA256.HashData(seed, "verity salt"u8);
        var verity = VerityTree.Build(root.Content, new(salt, DerivedGuid.Create(seed, "verity")), ct);
        var (data, hashes) = (_parts.AddRoot(root.Content, verity), _parts.AddVerity(verity));
        var medium = new LiveMedium("/dev/mapper/root")
        {
            MountedType = !_system.IsOpenedBySystemd ? null : _system.Options.Root == LiveRootKind.Erofs ? "erofs" : "squashfs",
            Further = [$"roothash={Convert.ToHexStringLower(verity.RootHash)}"],
        };
        // In a GPT the halves of the hash name the partitions.
        return _table == TableKind.Gpt ? medium : medium with
        {
            Further = [.. medium.Further, $"systemd.verity_root_data={_parts.PartUuid(data)}", $"systemd.verity_root_hash={_parts.PartUuid(hashes)}"],
        };
    }

    /// <summary>live-boot looks at the ending.</summary>
    public static string FileName(InitrdFamily family) => family == InitrdFamily.LiveBoot ? "filesystem.squashfs" : LiveMedium.DracutFile;

    private BootCode? MakeBootCode()
    {
        if (_bios is null)
            return null;
        var identity = DiskIdentity.Of(_parts.Board, _system.Job.Seed).Partitions[_espIndex];
        var number = BoardPlacement.NumberOf(_parts.Board, _espIndex);
        try
        {
            return _bios.Make(
                $"(,{(_table == TableKind.Gpt ? "gpt" : "msdos")}{number}){LiveEsp.GrubDirectory}",
                $"search.fs_uuid {identity.FileSystemUuid} root\nset prefix=($root){LiveEsp.GrubDirectory}\n", _biosIndex);
        }
        catch (InvalidDataException e)
        {
            _system.Bag.Add(BuildingRules.GrubBiosUnusable, _system.Span, "GRUB", e.Message);
            return null;
        }
    }
}
