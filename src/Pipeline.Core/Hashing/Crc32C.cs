using System.Buffers.Binary;
using System.Numerics;

namespace Pipeline.Core.Hashing;

/// <summary>CRC-32C (Castagnoli), without the final inversion, as ext4's metadata_csum chains it.</summary>
public static class Crc32C
{
    /// <summary>The start value that ext4 and most others use.</summary>
    public const uint Seed = uint.MaxValue;

    /// <summary>Continues <paramref name="crc"/> over <paramref name="data"/>; the result is not inverted, so calls can be chained.</summary>
    public static uint Append(uint crc, ReadOnlySpan<byte> data)
    {
        while (data.Length >= 8)
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(data));
            data = data[8..];
        }
        foreach (var b in data)
            crc = BitOperations.Crc32C(crc, b);
        return crc;
    }

    /// <summary>The value by its common definition: seeded with ones and inverted at the end.</summary>
    public static uint Hash(ReadOnlySpan<byte> data) => ~Append(Seed, data);
}
