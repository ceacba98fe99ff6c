using System.Collections.Immutable;
using System.Globalization;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Inspecting.Contents;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Pipeline.Engine.Inspecting.Tables;

/// <summary>
/// Reads an MBR with its logical partitions. Nothing in it tells the size of sectors: they have 512 bytes unless more
/// file systems are found where 4096 would put them.
/// </summary>
internal static class MbrReader
{
    public const int FirstByte = 440;
    private const int RecordBytes = 512;
    private const int LargeSectorBytes = 4096;
    private const int MaxLogical = 64;

    public static FoundTable? Read(ImageReader reader)
    {
        var usual = Read(reader, RecordBytes);
        return usual is not null && Read(reader, LargeSectorBytes) is { } large && FileSystems(reader, large) > FileSystems(reader, usual) ? large : usual;
    }

    private static int FileSystems(ImageReader reader, FoundTable table) => table.Entries.Count(e =>
    {
        var (first, end) = ((long)e.FirstLba * table.Map.SectorBytes, ((long)e.LastLba + 1) * table.Map.SectorBytes);
        return e.LastLba <= uint.MaxValue && first < end && end <= reader.LengthBytes
            && FileSystemProbe.Probe(reader, new(first, end - first, ""), new DiagnosticBag()) is not null;
    });

    private static FoundTable? Read(ImageReader reader, int sectorBytes)
    {
        if (ReadRecord(reader, 0) is not { } record || !LooksLikeTable(record))
            return null;
        var signature = ReadUInt32LittleEndian(record.AsSpan(FirstByte)).ToString("x8", CultureInfo.InvariantCulture);
        var entries = ImmutableArray.CreateBuilder<FoundEntry>();
        var regions = new List<TableRegionMap> { new(FirstByte, RecordBytes - FirstByte, "mbr") };
        for (var i = 0; i < 4; i++)
        {
            var entry = record.AsSpan(446 + 16 * i, 16);
            if (entry[4] == 0)
                continue;
            entries.Add(ToEntry(i + 1, entry, 0, signature));
            if (IsExtended(entry[4]))
                ReadLogical(reader, sectorBytes, ReadUInt32LittleEndian(entry[8..]), signature, entries, regions);
        }
        return new(new("mbr", signature, sectorBytes, null, null, null, null, [.. regions]), entries.ToImmutable());
    }

    /// <summary>The four types of the primary partitions; none where there is no MBR.</summary>
    public static byte[] ReadTypes(ImageReader reader) =>
        ReadRecord(reader, 0) is { } record ? [record[450], record[466], record[482], record[498]] : [];

    private static byte[]? ReadRecord(ImageReader reader, long offsetBytes) =>
        reader.Read(offsetBytes, RecordBytes) is { } record && record[510] == 0x55 && record[511] == 0xAA ? record : null;

    private static bool LooksLikeTable(byte[] record)
    {
        for (var i = 446; i < 510; i += 16)
        {
            if ((record[i] & 0x7F) != 0)
                return false;
        }
        return record[450] != 0 || record[466] != 0 || record[482] != 0 || record[498] != 0;
    }

    /// <summary>Each logical partition has a record of its own, which names the next one.</summary>
    private static void ReadLogical(ImageReader reader, int sectorBytes, uint extendedLba, string signature, ImmutableArray<FoundEntry>.Builder entries, List<TableRegionMap> regions)
    {
        long lba = extendedLba;
        for (var number = 5; number < 5 + MaxLogical && ReadRecord(reader, lba * sectorBytes) is { } record; number++)
        {
            regions.Add(new(lba * sectorBytes, RecordBytes, "extended boot record"));
            var entry = record.AsSpan(446, 16);
            if (entry[4] != 0)
                entries.Add(ToEntry(number, entry, lba, signature));
            var next = record.AsSpan(462, 16);
            if (!IsExtended(next[4]))
                return;
            lba = extendedLba + (long)ReadUInt32LittleEndian(next[8..]);
        }
    }

    private static FoundEntry ToEntry(int number, ReadOnlySpan<byte> entry, long baseLba, string signature)
    {
        var first = (ulong)(baseLba + ReadUInt32LittleEndian(entry[8..]));
        var type = entry[4];
        // A count of zero has no last sector: it ends before it begins, and is refused as that.
        return new(number, "", first, unchecked(first + ReadUInt32LittleEndian(entry[12..]) - 1), "0x" + type.ToString("x2", CultureInfo.InvariantCulture),
            PartitionTypes.NameOf(type), $"{signature}-{number:x2}", (entry[0] & 0x80) != 0 ? ["active"] : []);
    }

    private static bool IsExtended(byte type) => type is 0x05 or 0x0F or 0x85;
}
