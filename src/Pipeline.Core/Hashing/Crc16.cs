namespace Pipeline.Core.Hashing;

/// <summary>CRC-16 (ARC: polynomial 0x8005, reflected), as ext4's group descriptors use it without metadata_csum.</summary>
public static class Crc16
{
    public static ushort Append(ushort crc, ReadOnlySpan<byte> data)
    {
        foreach (var b in data)
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? (ushort)((crc >> 1) ^ 0xA001) : (ushort)(crc >> 1);
        }
        return crc;
    }
}
