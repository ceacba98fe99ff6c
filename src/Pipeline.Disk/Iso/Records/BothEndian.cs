using static System.Buffers.Binary.BinaryPrimitives;

namespace Pipeline.Disk.Iso.Records;

/// <summary>Numbers in both byte orders, one behind the other: ECMA-119 §7.2.3 and §7.3.3.</summary>
internal static class BothEndian
{
    public static void Write16(Span<byte> place, int value)
    {
        WriteUInt16LittleEndian(place, checked((ushort)value));
        WriteUInt16BigEndian(place[2..], checked((ushort)value));
    }

    public static void Write32(Span<byte> place, long value)
    {
        WriteUInt32LittleEndian(place, checked((uint)value));
        WriteUInt32BigEndian(place[4..], checked((uint)value));
    }
}
