namespace Pipeline.Core.Compression;

/// <summary>
/// The CRC-32 of two pieces put together, from the CRC-32 of each: the first one's register is moved on by as many zero
/// bytes as the second is long, by squaring the matrix of "one zero bit" over GF(2).
/// </summary>
internal static class Crc32Combine
{
    private const uint Polynomial = 0xEDB8_8320;

    public static uint Combine(uint first, uint second, long secondLength)
    {
        var matrix = OneZeroBit();
        var bits = checked(secondLength * 8);
        while (bits > 0)
        {
            if ((bits & 1) != 0)
                first = Times(matrix, first);
            matrix = Square(matrix);
            bits >>= 1;
        }
        return first ^ second;
    }

    private static uint[] OneZeroBit()
    {
        var matrix = new uint[32];
        matrix[0] = Polynomial;
        for (var i = 1; i < 32; i++)
            matrix[i] = 1u << (i - 1);
        return matrix;
    }

    private static uint[] Square(uint[] matrix) => Array.ConvertAll(matrix, column => Times(matrix, column));

    private static uint Times(uint[] matrix, uint vector)
    {
        var sum = 0u;
        for (var i = 0; vector != 0; i++, vector >>= 1)
        {
            if ((vector & 1) != 0)
                sum ^= matrix[i];
        }
        return sum;
    }
}
