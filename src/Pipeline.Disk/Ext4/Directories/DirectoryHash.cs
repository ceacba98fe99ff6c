using System.Numerics;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Pipeline.Disk.Ext4.Directories;

/// <summary>
/// The hash that orders an indexed directory: MD4 cut down to three rounds of eight steps (half_md4), with names read as
/// signed bytes, which the superblock says, so that the host's idea of char does not matter.
/// </summary>
internal sealed class DirectoryHash
{
    private const int ChunkBytes = 32;
    private const uint EndOfDirectory = 0xFFFF_FFFE;
    private const uint K2 = 0x5A82_7999;
    private const uint K3 = 0x6ED9_EBA1;
    private readonly uint[] _seed = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476];

    public DirectoryHash(Guid seed)
    {
        if (seed == Guid.Empty)
            return;
        Span<byte> bytes = stackalloc byte[16];
        seed.TryWriteBytes(bytes, bigEndian: true, out _);
        for (var i = 0; i < 4; i++)
            _seed[i] = ReadUInt32LittleEndian(bytes[(4 * i)..]);
    }

    /// <summary>The hash without its lowest bit, and the minor one that orders names of the same hash.</summary>
    public (uint Hash, uint Minor) Of(ReadOnlySpan<byte> name)
    {
        Span<uint> state = stackalloc uint[4];
        Span<uint> words = stackalloc uint[ChunkBytes / 4];
        _seed.CopyTo(state);
        for (var rest = name; !rest.IsEmpty; rest = rest[Math.Min(ChunkBytes, rest.Length)..])
        {
            Fill(words, rest);
            Transform(state, words);
        }
        var hash = state[1] & ~1u;
        return (hash == EndOfDirectory ? EndOfDirectory - 2 : hash, state[2]);
    }

    /// <summary>Eight words from at most 32 bytes, padded with the length of what is left of the name.</summary>
    private static void Fill(Span<uint> words, ReadOnlySpan<byte> rest)
    {
        var pad = (uint)rest.Length | ((uint)rest.Length << 8);
        pad |= pad << 16;
        words.Fill(pad);
        var count = Math.Min(ChunkBytes, rest.Length);
        var value = pad;
        for (var i = 0; i < count; i++)
        {
            value = (uint)(sbyte)rest[i] + (value << 8);
            words[i / 4] = value;
            if (i % 4 == 3)
                value = pad;
        }
    }

    private static void Transform(Span<uint> state, ReadOnlySpan<uint> words)
    {
        var (a, b, c, d) = (state[0], state[1], state[2], state[3]);
        ReadOnlySpan<byte> order = [0, 1, 2, 3, 4, 5, 6, 7, 1, 3, 5, 7, 0, 2, 4, 6, 3, 7, 2, 6, 1, 5, 0, 4];
        ReadOnlySpan<byte> shifts = [3, 7, 11, 19, 3, 5, 9, 13, 3, 9, 11, 15];
        for (var step = 0; step < order.Length; step++)
        {
            var mixed = (step / 8) switch
            {
                0 => (d ^ (b & (c ^ d))),
                1 => (b & c) + ((b ^ c) & d) + K2,
                _ => (b ^ c ^ d) + K3,
            };
            var turned = BitOperations.RotateLeft(a + mixed + words[order[step]], shifts[step / 8 * 4 + step % 4]);
            (a, b, c, d) = (d, turned, b, c);
        }
        state[0] += a;
        state[1] += b;
        state[2] += c;
        state[3] += d;
    }
}
