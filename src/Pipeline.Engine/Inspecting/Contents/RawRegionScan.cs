using System.Collections.Immutable;
using Pipeline.Core.Blocks;
using Pipeline.Core.Diagnostics;

namespace Pipeline.Engine.Inspecting.Contents;

/// <summary>Finds data where no partition and no table is: bootloaders, or what was forgotten there.</summary>
internal static class RawRegionScan
{
    private const int BlockBytes = 512;
    private const int ChunkBytes = 1 << 20;
    private const int MaxRegions = 256;

    /// <summary>Zeroes inside a loader do not end it, if they are fewer than this.</summary>
    private const int JoinBytes = 64 << 10;

    public static ImmutableArray<RawRegionMap> Scan(ImageReader reader, IEnumerable<Region> gaps, DiagnosticBag bag, CancellationToken ct)
    {
        var found = new List<Region>();
        foreach (var gap in gaps)
        {
            if (!ScanGap(reader, gap, found, ct))
            {
                bag.Add(InspectRules.TooMany, null, MaxRegions, "regions of raw data");
                break;
            }
        }
        return [.. found.Select(r => new RawRegionMap(r.OffsetBytes, r.LengthBytes, LoaderSignatures.Describe(reader, r)))];
    }

    private static bool ScanGap(ImageReader reader, Region gap, List<Region> found, CancellationToken ct)
    {
        var buffer = new byte[(int)Math.Min(ChunkBytes, gap.LengthBytes)];
        var firstOfGap = found.Count;
        for (var offset = gap.OffsetBytes; offset < gap.EndBytes; offset += buffer.Length)
        {
            ct.ThrowIfCancellationRequested();
            var part = buffer.AsSpan(0, (int)Math.Min(buffer.Length, gap.EndBytes - offset));
            if (!reader.TryRead(offset, part))
                return true;
            if (part.ContainsAnyExcept((byte)0) && !ScanPart(part, offset, found, firstOfGap))
                return false;
        }
        return true;
    }

    /// <summary>Blocks are those of the disk, so that the first one after an odd edge may be shorter. False where there are too many regions.</summary>
    private static bool ScanPart(ReadOnlySpan<byte> part, long offset, List<Region> found, int firstOfGap)
    {
        while (!part.IsEmpty)
        {
            var count = (int)Math.Min(part.Length, BlockBytes - offset % BlockBytes);
            if (part[..count].ContainsAnyExcept((byte)0))
            {
                if (found.Count > firstOfGap && offset - found[^1].EndBytes < JoinBytes)
                    found[^1] = found[^1] with { LengthBytes = offset + count - found[^1].OffsetBytes };
                else if (found.Count == MaxRegions)
                    return false;
                else
                    found.Add(new(offset, count, ""));
            }
            offset += count;
            part = part[count..];
        }
        return true;
    }
}
