using Pipeline.Disk.Mbr;

namespace Pipeline.Engine.Drawing;

internal static class MapGaps
{
    /// <summary>Puts what is free between parts whose places are known, and at the end of a disk whose length is.</summary>
    public static IEnumerable<MapPart> Fill(IEnumerable<MapPart> parts, long? diskBytes)
    {
        long? end = 0;
        foreach (var part in parts)
        {
            if (!part.IsInside && Gap(end, part.OffsetBytes) is { } gap)
                yield return gap;
            yield return part;
            // What is as long as it turns out to be leaves an unknown place behind it.
            if (!part.IsInside)
                end = part.OffsetBytes + part.LengthBytes;
        }
        if (Gap(end, diskBytes) is { } last)
            yield return last;
    }

    private static MapPart? Gap(long? from, long? to) => from is { } first && to is { } next && next > first
        ? new(MapKind.Free, first == 0 && next == MbrWriter.FirstByte ? "boot code" : "free", first, null, next - first, ExactSize.Of(next - first), "", false)
        : null;
}
