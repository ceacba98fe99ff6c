using System.Globalization;
using System.Numerics;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Pipeline.Engine.Inspecting.Contents;

/// <summary>FAT12, FAT16 and FAT32 by their boot sector, which has no signature of its own: all its numbers must make sense.</summary>
internal static class FatProbe
{
    private const int MaxClusters12 = 4084;
    private const int MaxClusters16 = 65524;

    public static FileSystemMap? Probe(ProbeWindow window)
    {
        if (window.Read(0, 512) is not { } sector || Numbers.Of(sector) is not { } numbers)
            return null;
        var kind = numbers.Clusters <= MaxClusters12 ? "fat12" : numbers.Clusters <= MaxClusters16 ? "fat16" : "fat32";
        var extended = kind == "fat32" ? 64 : 36;
        var hasLabel = sector[extended + 2] == 0x29;
        var label = hasLabel ? ProbeWindow.Text(sector.AsSpan(extended + 7, 11)) : null;
        var id = ReadUInt32LittleEndian(sector.AsSpan(extended + 3));
        var free = kind == "fat32" ? FreeClusters32(window, sector, numbers) : FreeClusters(window, numbers, kind == "fat12" ? 12 : 16);
        return new(kind, label == "NO NAME" ? null : label,
            hasLabel ? string.Create(CultureInfo.InvariantCulture, $"{id >> 16:X4}-{id & 0xFFFF:X4}") : null,
            numbers.TotalSectors * numbers.SectorBytes, free is null ? null : (numbers.Clusters - free) * numbers.ClusterBytes);
    }

    private static long? FreeClusters32(ProbeWindow window, byte[] sector, Numbers numbers)
    {
        var backup = ReadUInt16LittleEndian(sector.AsSpan(50));
        if (backup is not (0 or 0xFFFF) && window.Read((long)backup * numbers.SectorBytes, 512)?.AsSpan().SequenceEqual(sector) != true)
            window.Damaged("fat32", "its boot sector and the backup of it differ");
        var place = (long)ReadUInt16LittleEndian(sector.AsSpan(48)) * numbers.SectorBytes;
        if (window.Read(place, 512) is not { } info || ReadUInt32LittleEndian(info) != 0x41615252 || ReadUInt32LittleEndian(info.AsSpan(484)) != 0x61417272)
            return null;
        var free = ReadUInt32LittleEndian(info.AsSpan(488));
        return free <= numbers.Clusters ? free : null;
    }

    /// <summary>At most 128 KiB of table.</summary>
    private static long? FreeClusters(ProbeWindow window, Numbers numbers, int bits)
    {
        if (window.Read(numbers.ReservedSectors * numbers.SectorBytes, (int)((numbers.Clusters + 2) * bits + 7) / 8 + 1) is not { } table)
            return null;
        var free = 0L;
        for (var cluster = 2; cluster < numbers.Clusters + 2; cluster++)
        {
            var entry = bits == 16 ? ReadUInt16LittleEndian(table.AsSpan(cluster * 2)) : ReadUInt16LittleEndian(table.AsSpan(cluster * 3 / 2)) >> cluster % 2 * 4 & 0xFFF;
            if (entry == 0)
                free++;
        }
        return free;
    }

    /// <summary>The BIOS parameter block as far as it is needed; in sectors of <see cref="SectorBytes"/>.</summary>
    private sealed record Numbers(int SectorBytes, int ClusterBytes, long ReservedSectors, long TotalSectors, long Clusters)
    {
        public static Numbers? Of(byte[] sector)
        {
            int sectorBytes = ReadUInt16LittleEndian(sector.AsSpan(11)), perCluster = sector[13], fats = sector[16];
            int reserved = ReadUInt16LittleEndian(sector.AsSpan(14)), rootEntries = ReadUInt16LittleEndian(sector.AsSpan(17));
            if (sectorBytes is not (512 or 1024 or 2048 or 4096) || !BitOperations.IsPow2(perCluster) || fats is < 1 or > 2 || reserved == 0)
                return null;
            if (sector[21] is not (0xF0 or >= 0xF8) || sector[0] is not (0xEB or 0xE9) || sector[510] != 0x55 || sector[511] != 0xAA)
                return null;
            long total = ReadUInt16LittleEndian(sector.AsSpan(19)), fatSectors = ReadUInt16LittleEndian(sector.AsSpan(22));
            total = total != 0 ? total : ReadUInt32LittleEndian(sector.AsSpan(32));
            fatSectors = fatSectors != 0 ? fatSectors : ReadUInt32LittleEndian(sector.AsSpan(36));
            var data = total - reserved - fats * fatSectors - ((long)rootEntries * 32 + sectorBytes - 1) / sectorBytes;
            return fatSectors == 0 || data < perCluster ? null : new(sectorBytes, perCluster * sectorBytes, reserved, total, data / perCluster);
        }
    }
}
