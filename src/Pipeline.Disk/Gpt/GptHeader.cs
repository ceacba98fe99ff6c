using Pipeline.Core.Hashing;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Pipeline.Disk.Gpt;

/// <summary>The GPT header: 92 bytes at the start of one logical sector. UEFI 2.10 §5.3.2.</summary>
internal readonly record struct GptHeader(GptTable Table, long MyLba, long OtherLba, long EntriesLba, uint EntriesCrc32)
{
    public const int SizeBytes = 92;

    /// <summary>Fills one whole sector; every byte not named here is zero.</summary>
    public void WriteTo(Span<byte> sector)
    {
        sector.Clear();
        "EFI PART"u8.CopyTo(sector);                                                // Signature
        WriteUInt32LittleEndian(sector[8..], 0x0001_0000);                          // Revision 1.0
        WriteInt32LittleEndian(sector[12..], SizeBytes);                            // HeaderSize
        WriteInt64LittleEndian(sector[24..], MyLba);                                // MyLBA
        WriteInt64LittleEndian(sector[32..], OtherLba);                             // AlternateLBA
        WriteInt64LittleEndian(sector[40..], Table.FirstUsableLba);                 // FirstUsableLBA
        WriteInt64LittleEndian(sector[48..], Table.LastUsableLba);                  // LastUsableLBA, inclusive
        Table.DiskGuid.TryWriteBytes(sector[56..]);                                 // DiskGUID, mixed-endian as UEFI asks
        WriteInt64LittleEndian(sector[72..], EntriesLba);                           // PartitionEntryLBA
        WriteInt32LittleEndian(sector[80..], Table.EntryCount);                     // NumberOfPartitionEntries
        WriteInt32LittleEndian(sector[84..], GptTable.EntryBytes);                  // SizeOfPartitionEntry
        WriteUInt32LittleEndian(sector[88..], EntriesCrc32);                        // PartitionEntryArrayCRC32
        WriteUInt32LittleEndian(sector[16..], Crc32.Hash(sector[..SizeBytes]));     // HeaderCRC32, last: it covers its own zeroes
    }
}

/// <summary>One 128-byte entry of the array. UEFI 2.10 §5.3.3.</summary>
internal readonly record struct GptEntry(GptSlot Slot)
{
    public void WriteTo(Span<byte> entry)
    {
        Slot.TypeGuid.TryWriteBytes(entry);                                         // PartitionTypeGUID
        Slot.UniqueGuid.TryWriteBytes(entry[16..]);                                 // UniquePartitionGUID
        WriteInt64LittleEndian(entry[32..], Slot.FirstLba);                         // StartingLBA
        WriteInt64LittleEndian(entry[40..], Slot.LastLba);                          // EndingLBA, inclusive
        WriteUInt64LittleEndian(entry[48..], Slot.Attributes);                      // Attributes
        for (var i = 0; i < Slot.Name.Length; i++)
            WriteUInt16LittleEndian(entry[(56 + 2 * i)..], Slot.Name[i]);           // PartitionName, UTF-16LE, zero filled
    }
}
