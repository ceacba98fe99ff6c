using Pipeline.Core.Files;

namespace Pipeline.Disk.Iso.Records;

[Flags]
internal enum RecordFlags : byte
{
    None = 0,
    Directory = 0x02,

    /// <summary>Another record of the same file follows: ECMA-119 §9.1.6.</summary>
    Continues = 0x80,
}

/// <summary>One directory record: ECMA-119 §9.1. What the system use field holds comes behind it.</summary>
internal readonly record struct DirectoryRecord(long Block, long LengthBytes, UnixTime Time, RecordFlags Flags)
{
    public const int HeaderBytes = 33;
    public const int MaxBytes = 255;

    /// <summary>Of a record without system use; even.</summary>
    public static int LengthOf(int identifierBytes) => (HeaderBytes + identifierBytes + 1) / 2 * 2;

    /// <param name="record">As long as the record; zeroes.</param>
    public void WriteTo(Span<byte> record, ReadOnlySpan<byte> identifier)
    {
        record[0] = checked((byte)record.Length);           // Length of Directory Record
        BothEndian.Write32(record[2..], Block);             // Location of Extent
        BothEndian.Write32(record[10..], LengthBytes);      // Data Length
        IsoTime.WriteShort(record[18..], Time);             // Recording Date and Time
        record[25] = (byte)Flags;                           // File Flags
        BothEndian.Write16(record[28..], 1);                // Volume Sequence Number
        record[32] = (byte)identifier.Length;               // Length of File Identifier
        identifier.CopyTo(record[HeaderBytes..]);           // File Identifier
    }
}
