using System.Numerics;

namespace Pipeline.Core.Compression;

/// <summary>
/// A raw LZMA stream (LZMA1, without header and without end marker) with the parameters that small decoders have built in:
/// lc=3, lp=0, pb=2. In our own code and not by the system's library, because what it makes lies in boot images whose
/// bytes must not depend on a library's version. Takes the longest match unless the next byte has a longer one; a few
/// per cent longer than what <c>xz</c> makes, which nobody misses in a boot sector.
/// </summary>
public static class LzmaEncoder
{
    /// <summary>Everything is held in memory: for boot code, not for disks.</summary>
    public const int MaxBytes = 16 << 20;

    /// <exception cref="ArgumentException">More than <see cref="MaxBytes"/>.</exception>
    public static byte[] Encode(byte[] data)
    {
        if (data.Length > MaxBytes)
            throw new ArgumentException($"{data.Length} bytes, expected at most {MaxBytes}", nameof(data));
        var stream = new LzmaStreamWriter(data);
        var matches = new LzmaMatches(data);
        for (var position = 0; position < data.Length;)
            position += Step(stream, matches, position);
        return stream.Finish();
    }

    /// <returns>How many bytes it took.</returns>
    private static int Step(LzmaStreamWriter stream, LzmaMatches matches, int position)
    {
        var (repeatIndex, repeatLength) = LongestRepeat(stream, matches, position);
        var (length, distance) = matches.Find(position);
        // A distance costs bits that a repeated one saves; near ones cost few.
        if (repeatLength >= LzmaMatches.LeastLength && (repeatLength + 1 >= length || (repeatLength + 2 >= length && distance > 1 << 9)))
            return stream.Repeat(position, repeatIndex, repeatLength);
        if (length == 3 && distance > 1 << 14)
            length = 0;
        if (length == 0)
            return stream.Literal(position);
        var next = matches.Find(position + 1);
        if (next.Length > length + 1 || (next.Length > length && next.Distance <= distance * 2))
            return stream.Literal(position);
        return stream.Match(position, length, distance);
    }

    private static (int Index, int Length) LongestRepeat(LzmaStreamWriter stream, LzmaMatches matches, int position)
    {
        var best = (Index: 0, Length: 0);
        for (var i = 0; i < stream.Distances.Length; i++)
        {
            var length = matches.Common(position, stream.Distances[i]);
            if (length > best.Length)
                best = (i, length);
        }
        return best;
    }
}

/// <summary>The symbols of LZMA: literals, matches and repeated distances, each with the models that its context chooses.</summary>
internal sealed class LzmaStreamWriter(byte[] data)
{
    private const int States = 12;
    private const int PositionStates = 4;           // 1 << pb
    private const int LiteralContextBits = 3;       // lc
    private const int LiteralModels = 0x300;
    private const int FirstSlotWithTree = 4;
    private const int FirstSlotWithDirectBits = 14;
    private const int AlignBits = 4;
    private readonly LzmaRangeCoder _coder = new();
    private readonly ushort[] _isMatch = LzmaRangeCoder.NewProbabilities(States * PositionStates);
    private readonly ushort[] _isRepeat = LzmaRangeCoder.NewProbabilities(States);
    private readonly ushort[] _isNotRepeat0 = LzmaRangeCoder.NewProbabilities(States);
    private readonly ushort[] _isNotRepeat1 = LzmaRangeCoder.NewProbabilities(States);
    private readonly ushort[] _isNotRepeat2 = LzmaRangeCoder.NewProbabilities(States);
    private readonly ushort[] _isLongRepeat0 = LzmaRangeCoder.NewProbabilities(States * PositionStates);
    private readonly ushort[] _literals = LzmaRangeCoder.NewProbabilities(LiteralModels << LiteralContextBits);
    private readonly ushort[] _slots = LzmaRangeCoder.NewProbabilities(4 * 64);
    private readonly ushort[] _slotTails = LzmaRangeCoder.NewProbabilities(128);
    private readonly ushort[] _align = LzmaRangeCoder.NewProbabilities(1 << AlignBits);
    private readonly LzmaLengthModel _matchLengths = new();
    private readonly LzmaLengthModel _repeatLengths = new();
    private readonly int[] _distances = [1, 1, 1, 1];
    private int _state;

    /// <summary>The last four distances, the latest first; 1 is the byte just before.</summary>
    public ReadOnlySpan<int> Distances => _distances;

    public byte[] Finish() => _coder.Finish();

    public int Literal(int position)
    {
        _coder.Bit(ref _isMatch[_state * PositionStates + position % PositionStates], 0);
        var before = position == 0 ? 0 : data[position - 1];
        var models = _literals.AsSpan((before >> (8 - LiteralContextBits)) * LiteralModels, LiteralModels);
        if (_state < 7)
            _coder.Tree(models, 8, data[position]);
        else
            LiteralAfterMatch(models, data[position], data[position - _distances[0]]);
        _state = _state < 4 ? 0 : _state < 10 ? _state - 3 : _state - 6;
        return 1;
    }

    /// <summary>After a match the byte is likely not the one that the match would have gone on with: that one chooses the models.</summary>
    private void LiteralAfterMatch(Span<ushort> models, int value, int matched)
    {
        var node = 1;
        var isSame = true;
        for (var i = 7; i >= 0; i--)
        {
            var (bit, matchedBit) = (value >> i & 1, matched >> i & 1);
            _coder.Bit(ref models[isSame ? ((1 + matchedBit) << 8) + node : node], bit);
            node = node << 1 | bit;
            isSame &= bit == matchedBit;
        }
    }

    public int Match(int position, int length, int distance)
    {
        var place = position % PositionStates;
        _coder.Bit(ref _isMatch[_state * PositionStates + place], 1);
        _coder.Bit(ref _isRepeat[_state], 0);
        _matchLengths.Write(_coder, length, place);
        Distance(length, (uint)distance - 1);
        Remember(3, distance);
        _state = _state < 7 ? 7 : 10;
        return length;
    }

    public int Repeat(int position, int index, int length)
    {
        var place = position % PositionStates;
        _coder.Bit(ref _isMatch[_state * PositionStates + place], 1);
        _coder.Bit(ref _isRepeat[_state], 1);
        _coder.Bit(ref _isNotRepeat0[_state], index == 0 ? 0 : 1);
        if (index == 0)
        {
            _coder.Bit(ref _isLongRepeat0[_state * PositionStates + place], 1);
        }
        else
        {
            _coder.Bit(ref _isNotRepeat1[_state], index == 1 ? 0 : 1);
            if (index > 1)
                _coder.Bit(ref _isNotRepeat2[_state], index - 2);
        }
        _repeatLengths.Write(_coder, length, place);
        Remember(index, _distances[index]);
        _state = _state < 7 ? 8 : 11;
        return length;
    }

    private void Remember(int last, int distance)
    {
        _distances.AsSpan(0, last).CopyTo(_distances.AsSpan(1));
        _distances[0] = distance;
    }

    /// <param name="distance">0 for the byte just before.</param>
    private void Distance(int length, uint distance)
    {
        var slot = distance < FirstSlotWithTree ? (int)distance : SlotOf(distance);
        _coder.Tree(_slots.AsSpan(Math.Min(length - LzmaMatches.LeastLength, 3) * 64, 64), 6, (uint)slot);
        if (slot < FirstSlotWithTree)
            return;
        var bits = (slot >> 1) - 1;
        var first = (2u | (uint)slot & 1) << bits;
        if (slot < FirstSlotWithDirectBits)
        {
            _coder.ReverseTree(_slotTails.AsSpan((int)first - slot), bits, distance - first);
            return;
        }
        _coder.Direct((distance - first) >> AlignBits, bits - AlignBits);
        _coder.ReverseTree(_align, AlignBits, distance & ((1 << AlignBits) - 1));
    }

    private static int SlotOf(uint distance)
    {
        var highest = BitOperations.Log2(distance);
        return highest << 1 | (int)(distance >> (highest - 1) & 1);
    }
}

/// <summary>Lengths from 2 to 273: 8 short ones and 8 middle ones by position, 256 long ones.</summary>
internal sealed class LzmaLengthModel
{
    private readonly ushort[] _choices = LzmaRangeCoder.NewProbabilities(2);
    private readonly ushort[] _low = LzmaRangeCoder.NewProbabilities(4 * 8);
    private readonly ushort[] _middle = LzmaRangeCoder.NewProbabilities(4 * 8);
    private readonly ushort[] _high = LzmaRangeCoder.NewProbabilities(256);

    public void Write(LzmaRangeCoder coder, int length, int place)
    {
        var rest = (uint)(length - LzmaMatches.LeastLength);
        coder.Bit(ref _choices[0], rest < 8 ? 0 : 1);
        if (rest < 8)
        {
            coder.Tree(_low.AsSpan(place * 8, 8), 3, rest);
            return;
        }
        coder.Bit(ref _choices[1], rest < 16 ? 0 : 1);
        if (rest < 16)
            coder.Tree(_middle.AsSpan(place * 8, 8), 3, rest - 8);
        else
            coder.Tree(_high, 8, rest - 16);
    }
}
