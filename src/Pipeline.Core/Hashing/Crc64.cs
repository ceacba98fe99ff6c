namespace Pipeline.Core.Hashing;

/// <summary>CRC-64 of ISO 3309 (polynomial x^64 + x^4 + x^3 + x + 1, reflected, inverted at both ends), as tar-split keeps it of every file.</summary>
public static class Crc64
{
    private const ulong Polynomial = 0xD800_0000_0000_0000;
    private static readonly ulong[] Table = MakeTable();

    /// <summary>Continues a finished value; 0 begins.</summary>
    public static ulong Append(ulong crc, ReadOnlySpan<byte> data)
    {
        crc = ~crc;
        foreach (var b in data)
            crc = Table[(byte)crc ^ b] ^ (crc >> 8);
        return ~crc;
    }

    private static ulong[] MakeTable()
    {
        var table = new ulong[256];
        for (var i = 0; i < table.Length; i++)
        {
            var value = (ulong)i;
            for (var bit = 0; bit < 8; bit++)
                value = (value & 1) == 0 ? value >> 1 : (value >> 1) ^ Polynomial;
            table[i] = value;
        }
        return table;
    }
}
