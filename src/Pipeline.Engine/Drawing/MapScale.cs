namespace Pipeline.Engine.Drawing;

/// <summary>How much room a part takes in a picture: by the logarithm of its length, so that a table is seen beside a root file system.</summary>
public static class MapScale
{
    private const double LeastLog = 8;
    private const double MostLog = 34;

    /// <summary>From 0 (256 bytes and less) to 1 (16 GiB and more); what is sized by its contents counts as 4 GiB, free space as less than it is.</summary>
    public static double Weight(MapPart part)
    {
        var length = part.LengthBytes ?? (part.Kind == MapKind.Loader ? 1L << 20 : 1L << 32);
        var weight = (Math.Clamp(Math.Log2(Math.Max(1, length)), LeastLog, MostLog) - LeastLog) / (MostLog - LeastLog);
        return part.Kind == MapKind.Free ? weight / 3 : weight;
    }

    /// <summary>Shares a width among parts: each gets the least, the rest goes by weight. Sums to <paramref name="width"/>; null where even the least does not fit.</summary>
    public static int[]? Share(IReadOnlyList<double> weights, int least, int width)
    {
        var free = width - least * weights.Count;
        if (free < 0 || weights.Count == 0)
            return null;
        // Squared, so that large things look large.
        var total = weights.Sum(w => w * w);
        var (shares, sum, given) = (new int[weights.Count], 0.0, 0);
        for (var i = 0; i < shares.Length; i++)
        {
            sum += weights[i] * weights[i];
            var until = total == 0 ? free * (i + 1) / shares.Length : (int)Math.Round(free * sum / total, MidpointRounding.AwayFromZero);
            shares[i] = least + until - given;
            given = until;
        }
        return shares;
    }
}
