namespace Pipeline.Core.Compression;

/// <summary>Finds earlier places with the same bytes: chains of places whose first three bytes have one hash. Not thread-safe.</summary>
internal sealed class LzmaMatches(byte[] data)
{
    public const int LeastLength = 2;
    public const int MostLength = 273;
    private const int HashBits = 16;
    private const int HashedBytes = 3;

    /// <summary>How many places of a chain are looked at.</summary>
    private const int MaxSteps = 192;

    private readonly int[] _heads = NewHeads();
    private readonly int[] _previous = new int[data.Length];
    private int _known;

    /// <summary>Remembers all places before <paramref name="position"/>.</summary>
    public void Learn(int position)
    {
        for (; _known < position; _known++)
        {
            if (_known + HashedBytes > data.Length)
                continue;
            ref var head = ref _heads[HashAt(_known)];
            _previous[_known] = head;
            head = _known;
        }
    }

    /// <summary>The longest match, the nearest of equals; length 0 where there is none of three bytes or more.</summary>
    /// <returns>The distance is 1 for the byte just before.</returns>
    public (int Length, int Distance) Find(int position)
    {
        Learn(position);
        if (position + HashedBytes > data.Length)
            return (0, 0);
        var best = (Length: HashedBytes - 1, Distance: 0);
        var place = _heads[HashAt(position)];
        for (var steps = 0; place >= 0 && steps < MaxSteps; steps++, place = _previous[place])
        {
            var length = Common(position, position - place);
            if (length > best.Length)
                best = (length, position - place);
        }
        return best.Distance == 0 ? (0, 0) : best;
    }

    /// <summary>How many bytes at a place are those of <paramref name="distance"/> bytes earlier, at most <see cref="MostLength"/>.</summary>
    public int Common(int position, int distance)
    {
        if (distance > position)
            return 0;
        var rest = data.AsSpan(position, Math.Min(MostLength, data.Length - position));
        return rest.CommonPrefixLength(data.AsSpan(position - distance, rest.Length));
    }

    private int HashAt(int position)
    {
        var three = (uint)(data[position] | data[position + 1] << 8 | data[position + 2] << 16);
        return (int)(three * 0x9E37_79B1 >> (32 - HashBits));
    }

    private static int[] NewHeads()
    {
        var heads = new int[1 << HashBits];
        Array.Fill(heads, -1);
        return heads;
    }
}
