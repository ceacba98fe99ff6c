using System.Buffers;

namespace Pipeline.Core.Compression;

/// <summary>
/// The range coder of LZMA: bits with an adaptive probability go in, bytes come out. Probabilities are 11 bits wide and
/// move by a 32nd of the way at each bit.
/// </summary>
internal sealed class LzmaRangeCoder
{
    private const int ProbabilityBits = 11;
    private const int MoveBits = 5;
    private const uint LeastRange = 1u << 24;

    /// <summary>A bit that is as likely set as not.</summary>
    public const ushort Even = 1 << (ProbabilityBits - 1);

    private readonly ArrayBufferWriter<byte> _output = new();
    private ulong _low;
    private uint _range = uint.MaxValue;
    private byte _held;

    /// <summary>Bytes not yet written because a carry may still reach them; the first one written is always zero.</summary>
    private long _pending = 1;

    public static ushort[] NewProbabilities(int count)
    {
        var probabilities = new ushort[count];
        Array.Fill(probabilities, Even);
        return probabilities;
    }

    public void Bit(ref ushort probability, int bit)
    {
        var bound = (_range >> ProbabilityBits) * probability;
        if (bit == 0)
        {
            _range = bound;
            probability += (ushort)(((1 << ProbabilityBits) - probability) >> MoveBits);
        }
        else
        {
            _low += bound;
            _range -= bound;
            probability -= (ushort)(probability >> MoveBits);
        }
        Normalise();
    }

    /// <summary>Bits without a model, the highest first.</summary>
    public void Direct(uint value, int bits)
    {
        while (--bits >= 0)
        {
            _range >>= 1;
            if ((value >> bits & 1) != 0)
                _low += _range;
            Normalise();
        }
    }

    /// <summary>A number through a binary tree of probabilities, the highest bit first; the tree's root is at index 1.</summary>
    public void Tree(Span<ushort> probabilities, int bits, uint value)
    {
        var node = 1;
        while (--bits >= 0)
        {
            var bit = (int)(value >> bits & 1);
            Bit(ref probabilities[node], bit);
            node = node << 1 | bit;
        }
    }

    /// <summary>The same with the lowest bit first.</summary>
    public void ReverseTree(Span<ushort> probabilities, int bits, uint value)
    {
        var node = 1;
        for (var i = 0; i < bits; i++)
        {
            var bit = (int)(value >> i & 1);
            Bit(ref probabilities[node], bit);
            node = node << 1 | bit;
        }
    }

    /// <summary>All that was coded; nothing may be coded afterwards.</summary>
    public byte[] Finish()
    {
        for (var i = 0; i < 5; i++)
            ShiftLow();
        return _output.WrittenSpan.ToArray();
    }

    private void Normalise()
    {
        if (_range >= LeastRange)
            return;
        _range <<= 8;
        ShiftLow();
    }

    private void ShiftLow()
    {
        if (_low < 0xFF00_0000 || _low > uint.MaxValue)
        {
            var carry = (byte)(_low >> 32);
            for (; _pending > 0; _pending--)
            {
                _output.Write([(byte)(_held + carry)]);
                _held = 0xFF;
            }
            _held = (byte)(_low >> 24);
        }
        _pending++;
        _low = (_low & 0x00FF_FFFF) << 8;
    }
}
