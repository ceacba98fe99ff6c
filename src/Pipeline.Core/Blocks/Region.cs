using System.Text;

namespace Pipeline.Core.Blocks;

/// <summary>A named range of bytes: one line of an image's map. Both numbers are in bytes.</summary>
public readonly record struct Region(long OffsetBytes, long LengthBytes, string Name)
{
    public long EndBytes => OffsetBytes + LengthBytes;

    public bool Overlaps(Region other) => OffsetBytes < other.EndBytes && other.OffsetBytes < EndBytes;
}

public static class RegionMap
{
    /// <summary>One line a region in order of offset: first byte, length, name. What goldens and <c>inspect</c> show.</summary>
    public static string ToMap(this IEnumerable<Region> regions)
    {
        var map = new StringBuilder();
        foreach (var region in regions.OrderBy(r => r.OffsetBytes).ThenBy(r => r.LengthBytes))
            map.Append($"{region.OffsetBytes,14} {region.LengthBytes,14} {region.Name}\n");
        return map.ToString();
    }
}
