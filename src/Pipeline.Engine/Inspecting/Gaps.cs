using System.Collections.Immutable;
using Pipeline.Core.Blocks;

namespace Pipeline.Engine.Inspecting;

internal static class Gaps
{
    /// <summary>What no region covers, in ascending order. Regions may overlap and may leave the range.</summary>
    public static ImmutableArray<Region> Between(IEnumerable<Region> regions, long lengthBytes)
    {
        var gaps = ImmutableArray.CreateBuilder<Region>();
        long next = 0;
        foreach (var region in regions.Where(r => r.LengthBytes > 0).OrderBy(r => r.OffsetBytes))
        {
            if (region.OffsetBytes >= lengthBytes)
                break;
            if (region.OffsetBytes > next)
                gaps.Add(new(next, region.OffsetBytes - next, "free"));
            next = Math.Max(next, region.EndBytes);
        }
        if (next < lengthBytes)
            gaps.Add(new(next, lengthBytes - next, "free"));
        return gaps.ToImmutable();
    }
}
