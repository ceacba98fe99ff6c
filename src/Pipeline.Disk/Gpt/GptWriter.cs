using Pipeline.Core.Blocks;
using Pipeline.Core.Hashing;
using Pipeline.Disk.Mbr;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Pipeline.Disk.Gpt;

/// <summary>
/// Writes a GUID partition table: the backup first, the primary header last. Of sector 0 only bytes 440 to 511 are
/// written; what lies before them is boot code, which others write.
/// </summary>
public static class GptWriter
{
    public const int ProtectiveMbrFirstByte = 440;
    public const int ProtectiveMbrEndByte = 512;

    /// <exception cref="ArgumentException">More partitions than entries, or a name that is too long: placement refuses both.</exception>
    public static void Write(GptTable table, IBlockSink sink)
    {
        if (table.Slots.Length > table.EntryCount || table.Hybrid.Length > GptTable.MaxHybrid || table.Slots.Any(s => s.Name.Length > GptTable.MaxNameLength))
            throw new ArgumentException("the table does not hold these partitions", nameof(table));
        var entries = new byte[GptTable.EntrySectors(table.EntryCount, table.SectorBytes) * table.SectorBytes];
        for (var i = 0; i < table.Slots.Length; i++)
            new GptEntry(table.Slots[i]).WriteTo(entries.AsSpan(i * GptTable.EntryBytes));
        var crc = Crc32.Hash(entries.AsSpan(0, table.EntryCount * GptTable.EntryBytes));

        sink.Write(table.BackupEntriesLba * table.SectorBytes, entries);
        WriteHeader(new(table, table.BackupHeaderLba, 1, table.BackupEntriesLba, crc), sink);
        sink.Write(table.EntriesLba * table.SectorBytes, entries);
        WriteProtectiveMbr(table, sink);
        WriteHeader(new(table, 1, table.BackupHeaderLba, table.EntriesLba, crc), sink);
    }

    private static void WriteHeader(GptHeader header, IBlockSink sink)
    {
        var sector = new byte[header.Table.SectorBytes];
        header.WriteTo(sector);
        sink.Write(header.MyLba * sector.Length, sector);
    }

    /// <summary>
    /// One entry over the whole disk, so that tools that know no GPT see no free space. UEFI 2.10 §5.2.3. In a hybrid MBR
    /// it comes last, because boot ROMs take the first entry that they know, and ends before the first of the others.
    /// </summary>
    private static void WriteProtectiveMbr(GptTable table, IBlockSink sink)
    {
        Span<byte> record = stackalloc byte[ProtectiveMbrEndByte - ProtectiveMbrFirstByte];
        record.Clear();
        var entry = record[(MbrWriter.EntriesByte - ProtectiveMbrFirstByte)..];
        foreach (var partition in table.Hybrid)
        {
            new MbrEntry(partition, MbrTable.DefaultHeads, MbrTable.DefaultSectorsPerTrack).WriteTo(entry);
            entry = entry[MbrEntry.SizeBytes..];
        }
        var sectors = table.Hybrid.IsEmpty ? table.SectorCount - 1 : table.Hybrid.Min(p => p.FirstLba) - 1;
        WriteUInt32LittleEndian(entry, 0x0002_0000);                        // BootIndicator 0, StartingCHS 0/0/2
        WriteUInt32LittleEndian(entry[4..], 0xFFFF_FFEE);                   // OSType EE, EndingCHS beyond all cylinders
        WriteUInt32LittleEndian(entry[8..], 1);                             // StartingLBA
        WriteUInt32LittleEndian(entry[12..], (uint)Math.Min(sectors, uint.MaxValue));     // SizeInLBA
        WriteUInt16LittleEndian(record[(510 - ProtectiveMbrFirstByte)..], 0xAA55);
        sink.Write(ProtectiveMbrFirstByte, record);
    }
}
