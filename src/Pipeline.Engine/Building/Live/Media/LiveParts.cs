using System.Collections.Immutable;
using System.Text;
using Pipeline.Core.Files;
using Pipeline.Core.Units;
using Pipeline.Disk.Verity;
using Pipeline.Engine.Building.Disks;
using Pipeline.Engine.Building.Live.Initrds;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Manifests.Reading;

namespace Pipeline.Engine.Building.Live.Media;

/// <summary>The partitions of a live disk in their order, each with what goes into it.</summary>
internal sealed class LiveParts(LiveSystem system, TableKind table)
{
    /// <summary>Room on the system partition for what people change there.</summary>
    private static readonly ByteSize EspFree = ByteSize.MiB(8);
    private readonly List<(Partition Partition, PartitionContent Content)> _parts = [];

    public int Count => _parts.Count;

    public ImmutableArray<PartitionContent> Contents => [.. _parts.Select(p => p.Content)];

    /// <summary>The board as far as the disk is concerned, with these partitions.</summary>
    public BoardManifest Board => system.Job.Board with { Partitions = [.. _parts.Select(p => p.Partition)], Table = Table, DiskSize = null };

    private PartitionTable Table => system.Job.Board.Table.Kind == table
        ? system.Job.Board.Table with { Hybrid = [] }
        : system.Job.Board.Table with { Kind = table, Id = null, Hybrid = [], EntryCount = 128, EntriesLba = 2, FirstUsableLba = null };

    /// <returns>Its index.</returns>
    public int AddBiosBoot() => Add(Make("bios", "bios-boot", FileSystemKind.None) with { SizeRule = SizeRule.Fixed, Size = ByteSize.MiB(1) }, Empty);

    public int AddEsp(FileTree files, string label) => Add(
        Make(label, "esp", FileSystemKind.Fat, label) with { FreeSpace = EspFree, Flags = new(0, table == TableKind.Mbr, false, false) }, new(files, null));

    /// <param name="root">Read through <paramref name="verity"/>, where that is given: then both partitions are called by its root hash.</param>
    public int AddRoot(FileContent root, VerityTree? verity) => Add(
        Make("root", "root", FileSystemKind.None) with { Id = IdOf(verity, 0), Flags = ReadOnly }, new(Empty.Tree, root));

    public int AddVerity(VerityTree verity) => Add(
        Make("root-verity", VerityType, FileSystemKind.None) with { Id = IdOf(verity, 1), Flags = ReadOnly }, new(Empty.Tree, verity.Content));

    /// <summary>A file system around the image, for initrds that look for a file.</summary>
    public int AddRootFile(FileContent root, string path, string label)
    {
        var tree = new FileTree(FileTree.NewDirectory(system.Job.Clock));
        tree.Set(path, new RegularFile { Content = root, Permissions = 0b110_100_100, Mtime = system.Job.Clock });
        return Add(Make("root", "linux", FileSystemKind.Ext4, label) with { FreeSpace = ByteSize.Zero }, new(tree, null));
    }

    /// <summary>A file system that keeps what is written, prepared as the initrd wants it.</summary>
    public int AddPersistence(ByteSize size)
    {
        var tree = new FileTree(FileTree.NewDirectory(system.Job.Clock));
        var isLiveBoot = system.Kernels[0].Facts.Family == InitrdFamily.LiveBoot;
        if (isLiveBoot)
        {
            tree.Set("/persistence.conf", new RegularFile { Content = FileContent.Of(Encoding.ASCII.GetBytes("/ union\n")), Permissions = 0b110_100_100, Mtime = system.Job.Clock });
        }
        else
        {
            tree.EnsureDirectory(LiveArguments.DracutUpper, system.Job.Clock);
            tree.EnsureDirectory(LiveArguments.DracutWork, system.Job.Clock);
        }
        return Add(
            Make("persistence", "linux", FileSystemKind.Ext4, LiveArguments.LiveBootLabel) with { SizeRule = SizeRule.Fixed, Size = size }, new(tree, null));
    }

    /// <summary>A partition as <c>root=</c> and its like have it.</summary>
    public string PartUuid(int index) => "PARTUUID=" + DiskIdentity.Of(Board, system.Job.Seed).Partitions[index].PartUuid;

    private static readonly PartitionFlags ReadOnly = new(1UL << 60, false, false, true);

    private PartitionContent Empty => new(new FileTree(FileTree.NewDirectory(system.Job.Clock)), null);

    /// <summary>Discoverable Partitions Specification: the type of the hashes of a root; where there is none, plain Linux.</summary>
    private string VerityType => system.Job.Board.Platform.Architecture switch
    {
        "amd64" => "2c7357ed-ebd2-46d9-aec1-23d437ec2bf5",
        "386" => "d13c5d3b-b5d1-422a-b29f-9454fdc89d76",
        "arm64" => "df3300ce-d69f-4c92-978c-9bfb0f38d820",
        "arm" => "7386cdf2-203c-47a9-a498-f2ecce45a2d6",
        "riscv64" => "b6ed5582-440b-4209-b8da-5ff7c419ea3d",
        _ => "linux",
    };

    /// <summary>The halves of the root hash are the identifiers by which systemd finds data and hashes.</summary>
    private string? IdOf(VerityTree? verity, int half) => verity is null || table == TableKind.Mbr
        ? null
        : Guid.ParseExact(Convert.ToHexStringLower(verity.RootHash.AsSpan(16 * half, 16)), "N").ToString("D");

    private int Add(Partition partition, PartitionContent content)
    {
        _parts.Add((partition, content));
        return _parts.Count - 1;
    }

    private Partition Make(string name, string type, FileSystemKind kind, string? label = null) => new(
        name, PartitionTypes.Resolve(table == TableKind.Mbr && type.Contains('-') ? "linux" : type, table, system.Job.Board.Platform.Architecture)!,
        new(kind, label, null, null, null, null, null), SizeRule.Content, null, null, null, new(0, false, false, false), null, null, system.Span);
}
