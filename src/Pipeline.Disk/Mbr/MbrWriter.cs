using Pipeline.Core.Blocks;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Pipeline.Disk.Mbr;

/// <summary>
/// Writes bytes 440 to 511 of a disk, and the extended boot records of logical partitions. What lies before byte 440 is
/// boot code, which others write.
/// </summary>
public static class MbrWriter
{
    /// <summary>The first byte that belongs to the table: the disk's signature.</summary>
    public const int FirstByte = 440;

    public const int EndByte = 512;
    internal const int EntriesByte = 446;

    /// <summary>In the chain of boot records the old number is usual, whatever the extended partition itself has.</summary>
    private const byte ChainType = 0x05;

    /// <exception cref="ArgumentException">Partitions that the table does not hold, or one beyond 32 bits of sectors: placement refuses both.</exception>
    public static void Write(MbrTable table, IBlockSink sink)
    {
        List<MbrPartition> primary = [.. table.Primary, .. table.Extended is { } extended ? [extended] : Array.Empty<MbrPartition>()];
        if (primary.Count > MbrTable.MaxPrimary || table.Partitions.Length > MbrTable.MaxPartitions)
            throw new ArgumentException($"an MBR does not hold {table.Partitions.Length} partitions like these", nameof(table));
        WriteBootRecords(table, sink);
        Span<byte> record = stackalloc byte[EndByte - FirstByte];
        record.Clear();
        WriteUInt32LittleEndian(record, table.Signature);                   // UniqueMbrSignature
        for (var i = 0; i < primary.Count; i++)
            new MbrEntry(primary[i], table.Heads, table.SectorsPerTrack).WriteTo(record[(EntriesByte - FirstByte + i * MbrEntry.SizeBytes)..]);
        WriteUInt16LittleEndian(record[(510 - FirstByte)..], 0xAA55);       // Signature
        sink.Write(FirstByte, record);
    }

    /// <summary>Each record names its own partition, counted from itself, and the next record, counted from the extended partition.</summary>
    private static void WriteBootRecords(MbrTable table, IBlockSink sink)
    {
        var logical = table.Logical.ToList();
        Span<byte> record = stackalloc byte[EndByte];
        for (var i = logical.Count - 1; i >= 0; i--)
        {
            record.Clear();
            var own = logical[i].BootRecordLba!.Value;
            new MbrEntry(logical[i], table.Heads, table.SectorsPerTrack) { BaseLba = own }.WriteTo(record[EntriesByte..]);
            if (i + 1 < logical.Count)
            {
                var (next, first) = (logical[i + 1], logical[i + 1].BootRecordLba!.Value);
                var link = new MbrPartition(ChainType, false, first, next.FirstLba + next.SectorCount - first);
                new MbrEntry(link, table.Heads, table.SectorsPerTrack) { BaseLba = logical[0].BootRecordLba!.Value }
                    .WriteTo(record[(EntriesByte + MbrEntry.SizeBytes)..]);
            }
            WriteUInt16LittleEndian(record[510..], 0xAA55);
            sink.Write(own * table.SectorBytes, record);
        }
    }
}
