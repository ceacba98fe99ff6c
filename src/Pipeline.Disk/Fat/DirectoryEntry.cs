using Pipeline.Core.Files;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Pipeline.Disk.Fat;

[Flags]
internal enum FatAttributes : byte
{
    None = 0,
    VolumeId = 0x08,
    Directory = 0x10,
    Archive = 0x20,
    LongName = 0x0F,
}

/// <summary>A short directory entry: 32 bytes. FAT specification 1.03, "FAT 32 Byte Directory Entry Structure".</summary>
internal readonly record struct DirectoryEntry(
    ReadOnlyMemory<byte> Name, FatAttributes Attributes, byte CaseFlags, FatTime Time, uint FirstCluster, uint LengthBytes)
{
    public void WriteTo(Span<byte> slot)
    {
        Name.Span.CopyTo(slot);                                             // DIR_Name, 11 bytes
        slot[11] = (byte)Attributes;                                        // DIR_Attr
        slot[12] = CaseFlags;                                               // DIR_NTRes: 0x08 base, 0x10 extension in lower case
        slot[13] = Time.Hundredths;                                         // DIR_CrtTimeTenth, 0 to 199
        WriteUInt16LittleEndian(slot[14..], Time.Time);                     // DIR_CrtTime
        WriteUInt16LittleEndian(slot[16..], Time.Date);                     // DIR_CrtDate
        WriteUInt16LittleEndian(slot[18..], Time.Date);                     // DIR_LstAccDate
        WriteUInt16LittleEndian(slot[20..], (ushort)(FirstCluster >> 16));  // DIR_FstClusHI, zero below FAT32
        WriteUInt16LittleEndian(slot[22..], Time.Time);                     // DIR_WrtTime
        WriteUInt16LittleEndian(slot[24..], Time.Date);                     // DIR_WrtDate
        WriteUInt16LittleEndian(slot[26..], (ushort)FirstCluster);          // DIR_FstClusLO
        WriteUInt32LittleEndian(slot[28..], LengthBytes);                   // DIR_FileSize, 0 for a directory
    }
}

/// <summary>One slot of a long name: 32 bytes with 13 UTF-16 units. FAT specification 1.03, "FAT Long Directory Entries".</summary>
/// <param name="Ordinal">From 1; the last slot of a name, which lies first on disk, has bit 6 set.</param>
internal readonly record struct LongNameSlot(int Ordinal, bool IsLast, string Name, byte Checksum)
{
    private static ReadOnlySpan<byte> UnitOffsets => [1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30];

    public void WriteTo(Span<byte> slot)
    {
        slot[0] = (byte)(Ordinal | (IsLast ? 0x40 : 0));                    // LDIR_Ord
        slot[11] = (byte)FatAttributes.LongName;                            // LDIR_Attr
        slot[13] = Checksum;                                                // LDIR_Chksum
        for (var i = 0; i < UnitOffsets.Length; i++)
        {
            var place = (Ordinal - 1) * FatName.UnitsPerSlot + i;
            // One zero ends a name that leaves room, ones fill what is behind it.
            var unit = place < Name.Length ? Name[place] : place == Name.Length ? '\0' : '\uFFFF';
            WriteUInt16LittleEndian(slot[UnitOffsets[i]..], unit);          // LDIR_Name1, 2 and 3
        }
    }
}

/// <summary>
/// A time as FAT keeps it: local time without a zone, here always UTC; steps of two seconds, the rest in hundredths of
/// a second. Times before 1980 and after 2107 become the nearest that fits.
/// </summary>
internal readonly record struct FatTime(ushort Date, ushort Time, byte Hundredths)
{
    private static readonly long FirstSecond = new DateTimeOffset(1980, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds();
    private static readonly long LastSecond = new DateTimeOffset(2107, 12, 31, 23, 59, 59, TimeSpan.Zero).ToUnixTimeSeconds();

    public static FatTime Of(UnixTime time)
    {
        var seconds = Math.Clamp(time.Seconds, FirstSecond, LastSecond);
        var nanoseconds = seconds == time.Seconds ? time.Nanoseconds : 0;
        var utc = DateTimeOffset.FromUnixTimeSeconds(seconds);
        return new(
            (ushort)((utc.Year - 1980) << 9 | utc.Month << 5 | utc.Day),
            (ushort)(utc.Hour << 11 | utc.Minute << 5 | utc.Second / 2),
            (byte)(utc.Second % 2 * 100 + nanoseconds / 10_000_000));
    }
}
