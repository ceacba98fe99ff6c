using System.Collections.Immutable;
using Pipeline.Core.Blocks;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Core.Units;

namespace Pipeline.Disk.Fat;

/// <summary>
/// Where everything of a FAT12, FAT16 or FAT32 file system lies. Clusters are given out in ascending order: a directory,
/// its files, the next directory; every chain is one run, and what is free lies at the end.
/// Owners, modes, extended attributes and holes are not kept; each name of a hard link becomes a file of its own.
/// </summary>
public sealed class FatLayout
{
    /// <summary>An automatic length is a multiple of this.</summary>
    private const int StepBytes = 64 << 10;

    private FatLayout(FatOptions options, FatGeometry geometry, ImmutableArray<FatDirectory> directories)
    {
        Options = options;
        Geometry = geometry;
        Directories = directories;
        LengthBytes = options.LengthBytes ?? geometry.TotalSectors * geometry.SectorBytes;
        UsedClusters = GiveClusters();
    }

    public long LengthBytes { get; }

    /// <summary>12, 16 or 32.</summary>
    public int FatBits => Geometry.Bits;

    public int ClusterBytes => Geometry.ClusterBytes;

    public int ClusterCount => Geometry.ClusterCount;

    /// <summary>All from cluster 2 on.</summary>
    public int UsedClusters { get; }

    internal FatOptions Options { get; }

    internal FatGeometry Geometry { get; }

    /// <summary>The root first, then level by level.</summary>
    internal ImmutableArray<FatDirectory> Directories { get; }

    /// <summary>Decides everything, or says everything that is wrong. Reads no content.</summary>
    /// <param name="span">The partition in the board's file, for the complaints.</param>
    public static Result<FatLayout> Place(FileTree tree, FatOptions options, SourceSpan? span)
    {
        var bag = new DiagnosticBag();
        bag.AddRange(FatLabel.Check(options.Label, span));
        FatOptionCheck.Check(options, span, bag);
        var directories = new FatTreeReader(span, options.FirstFiles).Read(tree);
        bag.AddRange(directories.Diagnostics);
        if (bag.HasErrors)
            return Result<FatLayout>.Failed(bag.ToImmutable());
        var geometry = options.LengthBytes is null
            ? Grow(directories.Value, options, span, bag)
            : Fit(directories.Value, options, span, bag);
        return geometry is null
            ? Result<FatLayout>.Failed(bag.ToImmutable())
            : new(new FatLayout(options, geometry, directories.Value), bag.ToImmutable());
    }

    /// <summary>The map, in bytes from the start of the file system.</summary>
    public IEnumerable<Region> Regions()
    {
        long sector = Geometry.SectorBytes;
        yield return new(0, sector, "boot sector");
        if (FatBits == 32)
        {
            yield return new(BootSector.FsInfoSector32 * sector, sector, "fs info");
            yield return new(BootSector.BackupSector32 * sector, 2 * sector, "backup of boot sector and fs info");
        }
        for (var copy = 0; copy < FatGeometry.FatCount; copy++)
            yield return new(FatOffsetBytes(copy), Geometry.FatSectors * sector, $"file allocation table {copy + 1}");
        if (FatBits != 32)
            yield return new(Geometry.FirstRootSector * sector, Geometry.RootSectors * sector, "root directory");
        var data = Geometry.FirstDataSector * sector;
        var used = (long)UsedClusters * ClusterBytes;
        if (used > 0)
            yield return new(data, used, "directories and files");
        if (UsedClusters < ClusterCount)
            yield return new(data + used, (long)(ClusterCount - UsedClusters) * ClusterBytes, "free clusters");
    }

    internal long FatOffsetBytes(int copy) => (Geometry.ReservedSectors + copy * Geometry.FatSectors) * Geometry.SectorBytes;

    internal uint ClustersOf(FatDirectory directory) =>
        directory.Parent is null && FatBits != 32 ? 0 : (uint)DirectoryClusters(directory, Options, ClusterBytes);

    internal uint ClustersOf(FatFile file) => (uint)DivideUp(file.LengthBytes, ClusterBytes);

    /// <summary>The slots of a directory with the label that the root also holds.</summary>
    internal static int SlotsOf(FatDirectory directory, FatOptions options) =>
        directory.SlotCount + (directory.Parent is null && !string.IsNullOrEmpty(options.Label) ? 1 : 0);

    private int GiveClusters()
    {
        var next = 2u;
        foreach (var directory in Directories)
        {
            if (ClustersOf(directory) is var length and > 0)
                directory.FirstCluster = Take(ref next, length);
            foreach (var file in directory.Files)
                file.FirstCluster = Take(ref next, ClustersOf(file));
        }
        return (int)(next - 2);
    }

    private static uint Take(ref uint next, uint count)
    {
        var first = next;
        next += count;
        return count == 0 ? 0 : first;
    }

    private static FatGeometry? Grow(ImmutableArray<FatDirectory> directories, FatOptions options, SourceSpan? span, DiagnosticBag bag)
    {
        var geometry = Grow(directories, options);
        if (geometry is null)
            ComplainTooLarge(ContentBytes(directories) + options.FreeBytes, options, span, bag);
        return geometry;
    }

    /// <summary>The shortest file system that holds the content and the free space; null where none does.</summary>
    private static FatGeometry? Grow(ImmutableArray<FatDirectory> directories, FatOptions options)
    {
        var rootSlots = SlotsOf(directories[0], options);
        long step = StepBytes / options.SectorBytes;
        var total = options.FatBits is { } bits ? RoundUp(FatGeometry.LeastSectors(bits, rootSlots, options), step) : step;
        while (true)
        {
            var geometry = FatGeometry.Choose(total, rootSlots, options, out var misfit);
            if (misfit == FatMisfit.TooLarge)
                return null;
            if (geometry is not null)
            {
                var needed = ContentClusters(directories, options, geometry) + DivideUp(options.FreeBytes, geometry.ClusterBytes);
                if (needed <= geometry.ClusterCount)
                    return geometry;
                total = Math.Max(total, FatGeometry.SectorsFor(geometry, needed) - step);
            }
            total = RoundUp(total + 1, step);
        }
    }

    private static FatGeometry? Fit(ImmutableArray<FatDirectory> directories, FatOptions options, SourceSpan? span, DiagnosticBag bag)
    {
        var length = new ByteSize(options.LengthBytes!.Value);
        var geometry = FatGeometry.Choose(length.Bytes / options.SectorBytes, SlotsOf(directories[0], options), options, out var misfit);
        if (misfit == FatMisfit.TooLarge)
        {
            ComplainTooLarge(length.Bytes, options, span, bag);
            return null;
        }
        var needed = geometry is null ? 0 : ContentClusters(directories, options, geometry);
        if (geometry is not null && needed <= geometry.ClusterCount)
            return geometry;
        var enough = Grow(directories, options with { LengthBytes = null, FreeBytes = 0 });
        var advice = enough is null ? (object)"another file system" : RoundUpForPeople(enough.TotalSectors * enough.SectorBytes);
        if (geometry is null)
            bag.Add(FatRules.TooSmallForType, span, options.FatBits ?? 12, FatGeometry.MinClusters(options.FatBits ?? 12), length, advice);
        else
            bag.Add(FatRules.TooSmall, span, length, geometry.ClusterCount, geometry.ClusterBytes, needed, advice);
        return null;
    }

    private static void ComplainTooLarge(long lengthBytes, FatOptions options, SourceSpan? span, DiagnosticBag bag)
    {
        var bits = options.FatBits ?? 32;
        var most = bits == 32 ? (long)uint.MaxValue * options.SectorBytes : (long)FatGeometry.MaxClusters(bits) * FatGeometry.MaxClusterBytes;
        bag.Add(FatRules.TooLargeForType, span, bits, new ByteSize(lengthBytes), new ByteSize(most),
            bits == 32 ? "another file system" : "FAT32");
    }

    private static long ContentClusters(ImmutableArray<FatDirectory> directories, FatOptions options, FatGeometry geometry)
    {
        var clusters = 0L;
        foreach (var directory in directories)
        {
            if (directory.Parent is not null || geometry.Bits == 32)
                clusters += DirectoryClusters(directory, options, geometry.ClusterBytes);
            foreach (var file in directory.Files)
                clusters += DivideUp(file.LengthBytes, geometry.ClusterBytes);
        }
        return clusters;
    }

    private static long ContentBytes(ImmutableArray<FatDirectory> directories) =>
        directories.Sum(d => d.Files.Sum(f => (long)f.LengthBytes));

    private static long DirectoryClusters(FatDirectory directory, FatOptions options, int clusterBytes) =>
        DivideUp(Math.Max(1, SlotsOf(directory, options)) * (long)FatGeometry.EntryBytes, clusterBytes);

    private static ByteSize RoundUpForPeople(long lengthBytes) =>
        new ByteSize(lengthBytes).AlignUp(lengthBytes >= 1 << 20 ? ByteSize.MiB(1) : ByteSize.KiB(1));

    private static long RoundUp(long value, long step) => (value + step - 1) / step * step;

    private static long DivideUp(long value, long by) => (value + by - 1) / by;
}
