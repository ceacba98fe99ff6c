using Pipeline.Core.Blocks;
using Pipeline.Core.Hashing;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Pipeline.Disk.Gpt;

/// <summary>Bytes at a place of a disk.</summary>
public sealed record DiskPatch(long OffsetBytes, ReadOnlyMemory<byte> Data);

/// <summary>
/// A primary GPT as it lies at the start of an image whose both checksums are right, and what of it changes when the image
/// comes to a longer disk: the backup belongs to the disk's end (UEFI 2.10 §5.3.2). All that is not named here stays as it was.
/// </summary>
public sealed class GptStart
{
    private const int MinEntryBytes = 128;
    private const int MaxEntryBytes = 4096;
    private const int MaxEntriesBytes = 4 << 20;
    private const int FirstMbrEntry = 446;
    private const byte ProtectiveType = 0xEE;
    private static ReadOnlySpan<byte> BeyondCylinders => [0xFF, 0xFF, 0xFF];

    private readonly byte[] _head;
    private readonly int _headerBytes;
    private readonly long _entriesLba;

    private GptStart(byte[] head, int sectorBytes)
    {
        var header = head.AsSpan(sectorBytes);
        _head = head;
        SectorBytes = sectorBytes;
        _headerBytes = ReadInt32LittleEndian(header[12..]);
        AlternateLba = ReadInt64LittleEndian(header[32..]);
        LastUsableLba = ReadInt64LittleEndian(header[48..]);
        _entriesLba = ReadInt64LittleEndian(header[72..]);
        EntriesBytes = ReadInt32LittleEndian(header[80..]) * ReadInt32LittleEndian(header[84..]);
    }

    public int SectorBytes { get; }

    /// <summary>Where the image has its backup header.</summary>
    public long AlternateLba { get; }

    /// <summary>Inclusive.</summary>
    public long LastUsableLba { get; }

    public int EntriesBytes { get; }

    /// <summary>The length of the disk that the image was made for.</summary>
    public long DiskBytes => (AlternateLba + 1) * SectorBytes;

    private long EntrySectors => ((long)EntriesBytes + SectorBytes - 1) / SectorBytes;

    /// <summary>The image's backup: entries and header at its end, where the writers of GPTs put them.</summary>
    public Region OldBackup => new((AlternateLba - EntrySectors) * SectorBytes, (EntrySectors + 1) * SectorBytes, "backup gpt");

    /// <summary>512 or 4096 where there is the signature of a GPT, else null.</summary>
    public static int? FindSectorBytes(ReadOnlySpan<byte> head)
    {
        foreach (var sectorBytes in (ReadOnlySpan<int>)[512, 4096])
        {
            if (head.Length >= 2 * sectorBytes && head[sectorBytes..].StartsWith("EFI PART"u8))
                return sectorBytes;
        }
        return null;
    }

    /// <summary>How many bytes of the disk's start hold the header and all entries; null where the header makes no sense.</summary>
    public static long? NeededBytes(ReadOnlySpan<byte> head, int sectorBytes)
    {
        if (head.Length < 2 * sectorBytes)
            return null;
        var header = head.Slice(sectorBytes, sectorBytes);
        var (count, size, lba) = (ReadInt32LittleEndian(header[80..]), ReadInt32LittleEndian(header[84..]), ReadInt64LittleEndian(header[72..]));
        if (count < 1 || size is < MinEntryBytes or > MaxEntryBytes || (long)count * size > MaxEntriesBytes || lba is < 2 or > 1L << 40)
            return null;
        return lba * sectorBytes + ((long)count * size + sectorBytes - 1) / sectorBytes * sectorBytes;
    }

    /// <param name="head">The disk's first bytes, as many as <see cref="NeededBytes"/> says at least; kept.</param>
    /// <param name="problem">Why there is none; readable.</param>
    public static GptStart? Read(byte[] head, int sectorBytes, out string problem)
    {
        problem = "its header makes no sense";
        if (NeededBytes(head, sectorBytes) is not { } needed || needed > head.Length)
            return null;
        var header = head.AsSpan(sectorBytes, sectorBytes);
        var size = ReadInt32LittleEndian(header[12..]);
        if (!header.StartsWith("EFI PART"u8) || size is < GptHeader.SizeBytes || size > sectorBytes || ReadInt64LittleEndian(header[24..]) != 1)
            return null;
        var covered = header[..size].ToArray();
        covered.AsSpan(16, 4).Clear();
        problem = "the checksum of its header is wrong";
        if (Crc32.Hash(covered) != ReadUInt32LittleEndian(header[16..]))
            return null;
        var start = new GptStart(head, sectorBytes);
        problem = "the checksum of its entries is wrong";
        if (Crc32.Hash(start.Entries) != ReadUInt32LittleEndian(header[88..]))
            return null;
        problem = "it says that its backup lies before its last partition";
        if (start.LastUsableLba < 1 || start.LastUsableLba >= start.AlternateLba - start.EntrySectors || start.AlternateLba > 1L << 50)
            return null;
        problem = "";
        return start;
    }

    /// <summary>
    /// What must be written for the backup to lie at the end of a disk: the protective MBR's length, the primary header, the
    /// backup's entries, the backup header; in that order. Wiping <see cref="OldBackup"/> is left to the caller, first.
    /// </summary>
    /// <param name="diskBytes">At least <see cref="DiskBytes"/>; what is no whole sector at the end is left alone.</param>
    public IReadOnlyList<DiskPatch> MoveTo(long diskBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(diskBytes, DiskBytes);
        var lastLba = diskBytes / SectorBytes - 1;
        var backupEntriesLba = lastLba - EntrySectors;
        var entries = new byte[EntrySectors * SectorBytes];
        Entries.CopyTo(entries);
        return
        [
            new(0, ProtectiveMbr(lastLba)),
            new(SectorBytes, Header(1, lastLba, _entriesLba, backupEntriesLba - 1)),
            new(backupEntriesLba * SectorBytes, entries),
            new(lastLba * SectorBytes, Header(lastLba, 1, backupEntriesLba, backupEntriesLba - 1)),
        ];
    }

    private ReadOnlySpan<byte> Entries => _head.AsSpan((int)(_entriesLba * SectorBytes), EntriesBytes);

    private byte[] Header(long myLba, long otherLba, long entriesLba, long lastUsableLba)
    {
        var header = _head.AsSpan(SectorBytes, SectorBytes).ToArray();
        WriteInt64LittleEndian(header.AsSpan(24), myLba);                                   // MyLBA
        WriteInt64LittleEndian(header.AsSpan(32), otherLba);                                // AlternateLBA
        WriteInt64LittleEndian(header.AsSpan(48), lastUsableLba);                           // LastUsableLBA, inclusive
        WriteInt64LittleEndian(header.AsSpan(72), entriesLba);                              // PartitionEntryLBA
        header.AsSpan(16, 4).Clear();
        WriteUInt32LittleEndian(header.AsSpan(16), Crc32.Hash(header.AsSpan(0, _headerBytes))); // HeaderCRC32, last
        return header;
    }

    /// <summary>The entry that covers the whole disk grows with it; those of a hybrid MBR stay.</summary>
    private byte[] ProtectiveMbr(long lastLba)
    {
        var sector = _head.AsSpan(0, 512).ToArray();
        for (var at = FirstMbrEntry; at < 510; at += 16)
        {
            var entry = sector.AsSpan(at, 16);
            var old = ReadUInt32LittleEndian(entry[12..]);
            if (entry[4] != ProtectiveType || ReadUInt32LittleEndian(entry[8..]) != 1 || old != Math.Min(AlternateLba, uint.MaxValue))
                continue;
            if (!entry[5..8].SequenceEqual(BeyondCylinders))
                WriteCylinders(entry[5..8], lastLba);                                       // EndingCHS
            WriteUInt32LittleEndian(entry[12..], (uint)Math.Min(lastLba, uint.MaxValue));   // SizeInLBA
        }
        return sector;
    }

    /// <summary>The sector's address with 255 heads of 63 sectors, as other tools write it; the highest number where that does not reach. UEFI 2.10 §5.2.3.</summary>
    private static void WriteCylinders(Span<byte> chs, long lba)
    {
        var (track, sector) = (lba / 63, (int)(lba % 63) + 1);
        var (cylinder, head) = (track / 255, (int)(track % 255));
        BeyondCylinders.CopyTo(chs);
        if (cylinder <= 1023)
            (chs[0], chs[1], chs[2]) = ((byte)head, (byte)(sector | (int)(cylinder >> 8 << 6)), (byte)cylinder);
    }
}
