namespace Pipeline.Disk.Fat;

/// <summary>Why no geometry was found.</summary>
internal enum FatMisfit
{
    None,
    TooSmall,
    TooLarge,
}

/// <summary>
/// The numbers of one FAT file system: where its parts lie and how long they are. Sectors are logical sectors of
/// <see cref="SectorBytes"/>. The count of clusters alone decides what a reader takes the type for (Microsoft FAT
/// specification 1.03, "FAT Type Determination"), so it never leaves the range of <see cref="Bits"/>.
/// </summary>
internal sealed record FatGeometry
{
    public const int MaxClusters12 = 4084;
    public const int MinClusters16 = 4085;
    public const int MaxClusters16 = 65524;
    public const int MinClusters32 = 65525;
    public const int MaxClusters32 = 0x0FFF_FFF4;
    public const int FatCount = 2;
    public const int EntryBytes = 32;
    private const int MinReserved32 = 32;

    /// <summary>Where the FAT specification and mkfs.fat begin to take FAT32.</summary>
    private const long AutomaticFat32Bytes = 512L << 20;

    public const int MaxClusterBytes = 64 << 10;
    private const int SmallClusterBytes = 2048;
    private const int AlignmentBytes = 4096;

    public required int Bits { get; init; }

    public required int SectorBytes { get; init; }

    public required long TotalSectors { get; init; }

    public required int SectorsPerCluster { get; init; }

    public required int ReservedSectors { get; init; }

    public required long FatSectors { get; init; }

    /// <summary>Slots of the root directory; 0 on FAT32, where it is a chain like any other.</summary>
    public required int RootEntries { get; init; }

    public required int ClusterCount { get; init; }

    public int ClusterBytes => SectorsPerCluster * SectorBytes;

    public long RootSectors => RootSectorsOf(RootEntries, SectorBytes);

    public long FirstRootSector => ReservedSectors + FatCount * FatSectors;

    /// <summary>The sector of cluster 2.</summary>
    public long FirstDataSector => FirstRootSector + RootSectors;

    public long ClusterOffsetBytes(uint cluster) => (FirstDataSector + (long)(cluster - 2) * SectorsPerCluster) * SectorBytes;

    public static int MinClusters(int bits) => bits switch { 12 => 1, 16 => MinClusters16, _ => MinClusters32 };

    public static int MaxClusters(int bits) => bits switch { 12 => MaxClusters12, 16 => MaxClusters16, _ => MaxClusters32 };

    /// <summary>The geometry of a file system of a length, by mkfs.fat's rules for the type and the size of clusters.</summary>
    /// <param name="rootEntries">Slots that the root directory needs.</param>
    public static FatGeometry? Choose(long totalSectors, int rootEntries, FatOptions options, out FatMisfit misfit)
    {
        var lengthBytes = totalSectors * options.SectorBytes;
        var bits = options.FatBits ?? (lengthBytes >= AutomaticFat32Bytes ? 32 : 0);
        if (totalSectors > uint.MaxValue)
        {
            misfit = FatMisfit.TooLarge;
            return null;
        }
        var request = new Request(totalSectors, bits == 32 ? 0 : RoundedRootEntries(rootEntries, options.SectorBytes), options);
        return bits == 0 ? ChooseSmall(request, out misfit) : ChooseForced(request, bits, out misfit);
    }

    /// <summary>The sectors that a file system with these clusters needs.</summary>
    public static long SectorsFor(FatGeometry like, long clusters)
    {
        var fatSectors = DivideUp((clusters + 2) * like.Bits, 8L * like.SectorBytes);
        return like.ReservedSectors + FatCount * fatSectors + like.RootSectors + clusters * like.SectorsPerCluster
            + Math.Max(like.SectorsPerCluster, AlignmentBytes / like.SectorBytes);
    }

    /// <summary>The least length at which a forced type is reached, with the smallest clusters.</summary>
    public static long LeastSectors(int bits, int rootEntries, FatOptions options)
    {
        var like = new FatGeometry
        {
            Bits = bits, SectorBytes = options.SectorBytes, TotalSectors = 0, SectorsPerCluster = 1,
            ReservedSectors = options.ReservedSectors ?? (bits == 32 ? MinReserved32 : 1), FatSectors = 0,
            RootEntries = bits == 32 ? 0 : RoundedRootEntries(rootEntries, options.SectorBytes), ClusterCount = 0,
        };
        return SectorsFor(like, MinClusters(bits));
    }

    private static FatGeometry? ChooseForced(Request request, int bits, out FatMisfit misfit)
    {
        var sectorBytes = request.Options.SectorBytes;
        var clusterBytes = Math.Max(sectorBytes, bits == 32 ? ClusterBytes32(request.TotalSectors * sectorBytes) : SmallClusterBytes);
        while (clusterBytes < MaxClusterBytes && Solve(request, bits, clusterBytes)?.ClusterCount > MaxClusters(bits))
            clusterBytes *= 2;
        while (clusterBytes > sectorBytes && !(Solve(request, bits, clusterBytes)?.ClusterCount >= MinClusters(bits)))
            clusterBytes /= 2;
        var found = Solve(request, bits, clusterBytes);
        misfit = found is null || found.ClusterCount < MinClusters(bits) ? FatMisfit.TooSmall
            : found.ClusterCount > MaxClusters(bits) ? FatMisfit.TooLarge : FatMisfit.None;
        return misfit == FatMisfit.None ? found : null;
    }

    private static FatGeometry? ChooseSmall(Request request, out FatMisfit misfit)
    {
        misfit = FatMisfit.None;
        for (var clusterBytes = Math.Max(request.Options.SectorBytes, SmallClusterBytes); clusterBytes <= MaxClusterBytes; clusterBytes *= 2)
        {
            if (Solve(request, 12, clusterBytes) is { ClusterCount: > 0 and <= MaxClusters12 } fat12)
                return fat12;
            if (Solve(request, 16, clusterBytes) is { ClusterCount: >= MinClusters16 and <= MaxClusters16 } fat16)
                return fat16;
        }
        misfit = FatMisfit.TooSmall;
        return null;
    }

    /// <summary>Null where not even the tables have room. The count of clusters is not checked against the type.</summary>
    private static FatGeometry? Solve(Request request, int bits, int clusterBytes)
    {
        var sectorBytes = request.Options.SectorBytes;
        var perCluster = clusterBytes / sectorBytes;
        var rootSectors = RootSectorsOf(request.RootEntries, sectorBytes);
        var reserved = request.Options.ReservedSectors ?? (bits == 32 ? MinReserved32 : 1);
        var room = request.TotalSectors - reserved - rootSectors;
        if (room <= 0)
            return null;
        // A table must describe the clusters that are left beside it: the first length that does, from just below.
        var fatSectors = Math.Max(1, bits * (room + 2L * perCluster) / (8L * clusterBytes + FatCount * bits));
        while (fatSectors * sectorBytes * 8 / bits - 2 < (room - FatCount * fatSectors) / perCluster)
            fatSectors++;
        if (request.Options.ReservedSectors is null)
        {
            var step = Math.Max(perCluster, AlignmentBytes / sectorBytes);
            reserved += (int)((step - (reserved + FatCount * fatSectors + rootSectors) % step) % step);
        }
        var clusters = (request.TotalSectors - reserved - rootSectors - FatCount * fatSectors) / perCluster;
        return clusters is <= 0 or > int.MaxValue ? null : new FatGeometry
        {
            Bits = bits, SectorBytes = sectorBytes, TotalSectors = request.TotalSectors, SectorsPerCluster = perCluster,
            ReservedSectors = reserved, FatSectors = fatSectors, RootEntries = request.RootEntries, ClusterCount = (int)clusters,
        };
    }

    /// <summary>Microsoft's table for FAT32, as mkfs.fat has it.</summary>
    private static int ClusterBytes32(long lengthBytes) => (lengthBytes >> 20) switch
    {
        < 260 => 512,
        < 8 << 10 => 4 << 10,
        < 16 << 10 => 8 << 10,
        < 32 << 10 => 16 << 10,
        _ => 32 << 10,
    };

    private static int RoundedRootEntries(int needed, int sectorBytes)
    {
        var perSector = sectorBytes / EntryBytes;
        return (Math.Max(512, needed) + perSector - 1) / perSector * perSector;
    }

    private static long RootSectorsOf(int rootEntries, int sectorBytes) => (long)rootEntries * EntryBytes / sectorBytes;

    private static long DivideUp(long value, long by) => (value + by - 1) / by;

    private sealed record Request(long TotalSectors, int RootEntries, FatOptions Options);
}
