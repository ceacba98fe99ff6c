using Pipeline.Core.Blocks;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Pipeline.Disk.Mbr;

/// <summary>Writes bytes 440 to 511 of a disk. What lies before them is boot code, which others write.</summary>
public static class MbrWriter
{
    /// <summary>The first byte that belongs to the table: the disk's signature.</summary>
    public const int FirstByte = 440;

    public const int EndByte = 512;
    private const int EntriesByte = 446;

    /// <exception cref="ArgumentException">More than four partitions, or one beyond 32 bits of sectors: placement refuses both.</exception>
    public static void Write(MbrTable table, IBlockSink sink)
    {
        if (table.Partitions.Length > MbrTable.MaxPartitions)
            throw new ArgumentException($"an MBR holds {MbrTable.MaxPartitions} partitions, not {table.Partitions.Length}", nameof(table));
        Span<byte> record = stackalloc byte[EndByte - FirstByte];
        record.Clear();
        WriteUInt32LittleEndian(record, table.Signature);                   // UniqueMbrSignature
        for (var i = 0; i < table.Partitions.Length; i++)
            new MbrEntry(table.Partitions[i], table.Heads, table.SectorsPerTrack).WriteTo(record[(EntriesByte - FirstByte + i * MbrEntry.SizeBytes)..]);
        WriteUInt16LittleEndian(record[(510 - FirstByte)..], 0xAA55);       // Signature
        sink.Write(FirstByte, record);
    }
}
