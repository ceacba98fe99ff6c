namespace Pipeline.Core.Hashing;

/// <summary>CRC-32 as zip, gzip and GPT use it (polynomial 0x04C11DB7, reflected, initial and final value inverted).</summary>
public static class Crc32
{
    private static readonly uint[] Table = CreateTable();

    public static uint Hash(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        foreach (var b in data)
            crc = Table[(byte)(crc ^ b)] ^ (crc >> 8);
        return ~crc;
    }

    private static uint[] CreateTable()
    {
        var table = new uint[256];
        for (var i = 0u; i < 256; i++)
        {
            var value = i;
            for (var bit = 0; bit < 8; bit++)
                value = (value & 1) != 0 ? 0xEDB88320 ^ (value >> 1) : value >> 1;
            table[i] = value;
        }
        return table;
    }
}
