using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Core.Hashing;
using Pipeline.Disk;
using Pipeline.Disk.Erofs;
using Pipeline.Disk.Ext4;
using Pipeline.Disk.Fat;
using Pipeline.Disk.Partitioning;
using Pipeline.Disk.Squashfs;
using Pipeline.Disk.Swap;
using Pipeline.Engine.Manifests.Models;

namespace Pipeline.Engine.Building.Disks;

/// <summary>The file system of one partition, measured first and placed when its partition has a place.</summary>
internal sealed class PartitionFormat(DiskJob job, Partition partition, PartitionIdentity identity, PartitionContent whole, DiagnosticBag bag)
{
    /// <summary>A file system may be this much shorter than its partition before it is placed again to fill it.</summary>
    private const long SlackBytes = 2 << 20;

    private FileSystemManifest Manifest => partition.FileSystem;

    private FileTree Content => whole.Tree;

    /// <summary>Its length is known only when all of it is packed: it comes after everything that can be refused at once.</summary>
    public bool IsPacked => Manifest.Kind == FileSystemKind.Squashfs || Manifest is { Kind: FileSystemKind.Erofs, Packing.Erofs: not ErofsCompression.None };

    /// <summary>Packs a squashfs or an erofs into scratch. The caller disposes it; null is a complaint.</summary>
    public IFileSystemWriter? Pack(CancellationToken ct)
    {
        if (Manifest.Kind == FileSystemKind.Squashfs)
            return Pack(SquashfsLayout.Place(Content, Squashfs(), partition.Span), l => l.ContentBytes, SquashfsWriter.Pack, ct);
        var most = partition.SizeRule == SizeRule.Fixed ? partition.Size!.Value.Bytes : (long?)null;
        return Pack(ErofsLayout.Place(Content, Erofs(most), partition.Span), l => l.ContentBytes, ErofsWriter.Pack, ct);
    }

    private PackedFileSystem? Pack<TLayout>(
        Result<TLayout> layout, Func<TLayout, long> length, Func<TLayout, PackContext, CancellationToken, Result<PackedFileSystem>> pack, CancellationToken ct)
        where TLayout : class
    {
        bag.AddRange(layout.Diagnostics);
        if (!layout.IsOk)
            return null;
        using var activity = job.Context.Reporter.Begin($"pack {job.FileStem} {partition.Name}", length(layout.Value!));
        var packed = pack(layout.Value!, new(Path.Combine(job.Context.OutputDirectory, "squashfs"), job.Parallelism, activity), ct);
        bag.AddRange(packed.Diagnostics);
        return packed.IsOk ? packed.Value : null;
    }

    /// <summary>As long as the content asks for, or as long as told. Null where there is no file system, or a complaint.</summary>
    public IFileSystemWriter? Measure()
    {
        var measured = Make(partition.SizeRule == SizeRule.Fixed ? partition.Size!.Value.Bytes : null, 0);
        // The free space that nobody asked for yields to a maximum.
        return partition is { SizeRule: not SizeRule.Fixed, Maximum: { } most } && FreeBytes is null && measured?.LengthBytes > most.Bytes
            ? Make(most.Bytes, 0)
            : measured;
    }

    public IFileSystemWriter? Place(IFileSystemWriter? measured, PlacedPartition place)
    {
        if (measured is null or RawWriter || Manifest.IsReadOnly)
            return measured;
        if (HoldsBootCode)
            return new GrubCorePartition(job.BootCode!.Core, place.OffsetBytes);
        var knowsItsOffset = Manifest.Kind == FileSystemKind.Fat && place.OffsetBytes != 0;
        var fills = measured.LengthBytes <= place.LengthBytes && place.LengthBytes - measured.LengthBytes < SlackBytes;
        return fills && !knowsItsOffset ? measured : Make(place.LengthBytes, place.OffsetBytes);
    }

    private IFileSystemWriter? Make(long? lengthBytes, long offsetBytes) => Manifest.Kind switch
    {
        FileSystemKind.Ext4 => Writer(Ext4Layout.Place(Content, Ext4(lengthBytes), partition.Span), l => new Ext4Writer(l)),
        FileSystemKind.Fat => Writer(FatLayout.Place(Content, Fat(lengthBytes, offsetBytes), partition.Span), l => new FatWriter(l)),
        FileSystemKind.Erofs => Writer(ErofsLayout.Place(Content, Erofs(lengthBytes), partition.Span), l => new PlainErofsWriter(l)),
        FileSystemKind.Swap => Writer(
            SwapLayout.Place(lengthBytes ?? partition.Size?.Bytes ?? 0, identity.FileSystemGuid, Manifest.Label, partition.Span),
            l => new SwapWriter(l)),
        FileSystemKind.None when whole.Raw is { } raw => new RawWriter(raw),
        _ => HoldsBootCode ? new GrubCorePartition(job.BootCode!.Core, offsetBytes) : null,
    };

    private bool HoldsBootCode => job.BootCode?.PartitionIndex is { } index && job.Board.Partitions[index] == partition;

    private Ext4Options Ext4(long? lengthBytes) => new()
    {
        Uuid = identity.FileSystemGuid,
        HashSeed = DerivedGuid.Create(job.Seed, $"hash seed {partition.Name}"),
        Label = Manifest.Label,
        Clock = job.Clock,
        LengthBytes = lengthBytes,
        FreeBytes = FreeBytes ?? Ext4Options.DefaultFreeBytes,
    };

    private SquashfsOptions Squashfs() => new()
    {
        Compression = Manifest.Packing.Compression,
        Level = Manifest.Packing.Level,
        BlockBytes = Manifest.Packing.BlockBytes ?? SquashfsOptions.DefaultBlockBytes,
        Clock = job.Clock,
        MaxLengthBytes = partition.SizeRule == SizeRule.Fixed ? partition.Size!.Value.Bytes : null,
    };

    private ErofsOptions Erofs(long? mostBytes) => new()
    {
        Uuid = identity.FileSystemGuid,
        Label = Manifest.Label,
        Compression = Manifest.Packing.Erofs,
        Clock = job.Clock,
        MaxLengthBytes = mostBytes,
    };

    private FatOptions Fat(long? lengthBytes, long offsetBytes) => new()
    {
        VolumeId = identity.VolumeId,
        Label = Manifest.Label,
        FatBits = Manifest.FatBits,
        Heads = Manifest.Heads,
        SectorsPerTrack = Manifest.SectorsPerTrack,
        ReservedSectors = Manifest.ReservedSectors,
        FirstFiles = Manifest.FirstFiles,
        SectorBytes = job.Board.SectorBytes,
        HiddenSectors = offsetBytes / job.Board.SectorBytes,
        Clock = job.Clock,
        LengthBytes = lengthBytes,
        FreeBytes = FreeBytes ?? 0,
    };

    /// <summary>The manifest's free space is about the root and its copies; a partition's own is the board's.</summary>
    private long? FreeBytes => (IsRoot ? job.Customization.FreeSpace ?? partition.FreeSpace : partition.FreeSpace)?.Bytes;

    private bool IsRoot =>
        (partition.CopyOf is { } original ? job.Board.Partitions.FirstOrDefault(p => p.Name == original) : partition)?.MountPoint == "/";

    private IFileSystemWriter? Writer<T>(Result<T> layout, Func<T, IFileSystemWriter> make) where T : class
    {
        bag.AddRange(layout.Diagnostics);
        return layout.IsOk ? make(layout.Value!) : null;
    }
}
