using Pipeline.Core.Files;

namespace Pipeline.Disk.Trees;

/// <summary>Which blocks or chunks of a file hold data, by its map of holes.</summary>
internal static class DataUnits
{
    /// <summary>Ascending ranges of units (the end is exclusive) that hold data; what lies between them is hole.</summary>
    /// <param name="content">The file.</param>
    /// <param name="unitBytes">The length of a unit.</param>
    /// <param name="unitCount">How many of them are looked at: the end of the file may be kept elsewhere.</param>
    public static IEnumerable<(long First, long End)> Of(FileContent content, long unitBytes, long unitCount)
    {
        var (first, end) = (0L, 0L);
        foreach (var extent in content.Extents)
        {
            var from = Math.Max(end, extent.FileOffset / unitBytes);
            var to = Math.Min(unitCount, (extent.FileOffset + extent.LengthBytes - 1) / unitBytes + 1);
            if (to <= from)
                continue;
            if (from > end)
            {
                if (end > first)
                    yield return (first, end);
                first = from;
            }
            end = to;
        }
        if (end > first)
            yield return (first, end);
    }
}
