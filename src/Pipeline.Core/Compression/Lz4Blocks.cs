using static System.Buffers.Binary.BinaryPrimitives;

namespace Pipeline.Core.Compression;

/// <summary>
/// Packs the beginning of some bytes into a block of a given length, as much of it as fits: the LZ4 block format, without
/// a frame. Matches are looked for in chains of equal hashes, and one byte later too before one is taken. Not thread-safe:
/// one a thread.
/// </summary>
public sealed class Lz4Blocks
{
    /// <summary>The longest input of one call; places in it are kept in 32 bits.</summary>
    public const int MaxInputBytes = 1 << 24;

    private const int LeastMatch = 4;
    private const int MaxDistance = ushort.MaxValue;

    /// <summary>A block ends with so many bytes that are no match, and the last match begins so far before the end.</summary>
    private const int LastLiterals = 5;
    private const int LastMatchDistance = 12;

    private const int HashBits = 15;
    private const int WindowMask = 0xFFFF;
    private const int ChainLength = 24;

    /// <summary>A match of this length is taken without looking for a better one.</summary>
    private const int GoodMatch = 64;

    /// <summary>Place + 1 of the last four bytes with a hash; 0 for none.</summary>
    private readonly int[] _heads = new int[1 << HashBits];

    /// <summary>How far before a place the one with the same hash is, by the lower bits of the place; 0 ends the chain.</summary>
    private readonly ushort[] _chain = new ushort[WindowMask + 1];

    /// <summary>Packs until the input ends or the block is full.</summary>
    /// <param name="input">At most <see cref="MaxInputBytes"/>.</param>
    /// <param name="output">The block; at least 32 bytes.</param>
    /// <param name="consumed">How many bytes of the input are in it: all, or as many as fit.</param>
    /// <returns>The bytes of the block that are used.</returns>
    public int Compress(ReadOnlySpan<byte> input, Span<byte> output, out int consumed)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(input.Length, MaxInputBytes, nameof(input));
        _heads.AsSpan().Clear();
        var (anchor, written, hashed) = (0, 0, 0);
        for (var at = 0; at <= input.Length - LastMatchDistance && at - anchor < output.Length - written;)
        {
            hashed = Insert(input, hashed, at);
            var match = Find(input, at);
            if (match.Length < LeastMatch)
            {
                Insert(input, hashed, at + 1);
                hashed = ++at;
                continue;
            }
            if (match.Length < GoodMatch && at + 1 <= input.Length - LastMatchDistance)
            {
                hashed = Insert(input, hashed, at + 1);
                var later = Find(input, at + 1);
                if (later.Length > match.Length + 1)
                    (at, match) = (at + 1, later);
            }
            var size = SequenceBytes(at - anchor, match.Length);
            var end = Math.Max(LastLiterals, LastMatchDistance - match.Length);
            if (written + size + 1 + end > output.Length)
                break;
            written += WriteSequence(output[written..], input[anchor..at], match);
            at += match.Length;
            anchor = at;
        }
        var rest = Math.Min(input.Length - anchor, MaxLiterals(output.Length - written));
        consumed = anchor + rest;
        return written + WriteLiterals(output[written..], input.Slice(anchor, rest), 0);
    }

    private static int Hash(ReadOnlySpan<byte> bytes) => (int)(ReadUInt32LittleEndian(bytes) * 2_654_435_761u >> (32 - HashBits));

    /// <summary>Puts the places from one on before another into the chains.</summary>
    private int Insert(ReadOnlySpan<byte> input, int from, int to)
    {
        for (; from < to; from++)
        {
            ref var head = ref _heads[Hash(input[from..])];
            var distance = head == 0 ? 0 : from - (head - 1);
            _chain[from & WindowMask] = (ushort)(distance > MaxDistance ? 0 : distance);
            head = from + 1;
        }
        return to;
    }

    /// <summary>The longest match before a place; of equal ones the nearest.</summary>
    private (int Length, int Distance) Find(ReadOnlySpan<byte> input, int at)
    {
        var most = input.Length - LastLiterals - at;
        var here = input.Slice(at, most);
        var candidate = _heads[Hash(input[at..])] - 1;
        var (best, distance) = (0, 0);
        for (var tries = 0; candidate >= 0 && at - candidate <= MaxDistance && tries < ChainLength; tries++)
        {
            if (best < most && input[candidate + best] == here[best])
            {
                var length = here.CommonPrefixLength(input[candidate..]);
                if (length > best)
                    (best, distance) = (length, at - candidate);
                if (best >= most)
                    break;
            }
            var step = _chain[candidate & WindowMask];
            if (step == 0)
                break;
            candidate -= step;
        }
        return (best, distance);
    }

    /// <summary>Bytes that say a length beyond what the token holds.</summary>
    private static int LengthBytes(int length) => length < 15 ? 0 : (length - 15) / 255 + 1;

    private static int SequenceBytes(int literals, int match) => 1 + LengthBytes(literals) + literals + 2 + LengthBytes(match - LeastMatch);

    /// <summary>How many literals fit at the end of a block.</summary>
    private static int MaxLiterals(int room)
    {
        var literals = room - 1;
        while (literals > 0 && 1 + LengthBytes(literals) + literals > room)
            literals--;
        return Math.Max(0, literals);
    }

    private static int WriteSequence(Span<byte> output, ReadOnlySpan<byte> literals, (int Length, int Distance) match)
    {
        var rest = match.Length - LeastMatch;
        var at = WriteLiterals(output, literals, Math.Min(rest, 15));
        WriteUInt16LittleEndian(output[at..], (ushort)match.Distance);
        return at + 2 + WriteLength(output[(at + 2)..], rest);
    }

    /// <param name="match">The lower half of the token.</param>
    private static int WriteLiterals(Span<byte> output, ReadOnlySpan<byte> literals, int match)
    {
        output[0] = (byte)(Math.Min(literals.Length, 15) << 4 | match);
        var at = 1 + WriteLength(output[1..], literals.Length);
        literals.CopyTo(output[at..]);
        return at + literals.Length;
    }

    private static int WriteLength(Span<byte> output, int length)
    {
        if (length < 15)
            return 0;
        var at = 0;
        for (length -= 15; length >= 255; length -= 255)
            output[at++] = 255;
        output[at++] = (byte)length;
        return at;
    }
}
