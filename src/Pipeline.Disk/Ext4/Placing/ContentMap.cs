using Pipeline.Core.Files;
using Pipeline.Disk.Ext4.Records;
using static Pipeline.Disk.Ext4.Ext4Format;

namespace Pipeline.Disk.Ext4.Placing;

/// <summary>The blocks that a regular file's bytes need: holes need none, and two runs of data may share a block.</summary>
internal static class ContentMap
{
    /// <summary>How many blocks hold data.</summary>
    public static long BlockCount(FileContent content)
    {
        if (!content.IsSparse)
            return BlocksFor(content.LengthBytes);
        var count = 0L;
        var last = -1L;
        foreach (var run in content.Extents)
            count += Advance(run, ref last);
        return count;
    }

    /// <summary>Each run of data with the position of its first block, counted from the file's first block on.</summary>
    public static IEnumerable<(DataExtent Run, long Position)> Runs(FileContent content)
    {
        var next = 0L;
        var last = -1L;
        foreach (var run in content.Extents)
        {
            var added = Advance(run, ref last);
            next += added;
            yield return (run, next - (last - run.FileOffset / BlockBytes + 1));
        }
    }

    /// <summary>Appends the extents of a file whose data begin at a position.</summary>
    public static void AppendExtents(FileContent content, long position, BlockMap space, List<Extent> extents)
    {
        if (!content.IsSparse)
        {
            AppendExtents((0, position, BlocksFor(content.LengthBytes)), space, extents);
            return;
        }
        var last = -1L;
        var (start, count) = (0L, 0L);
        foreach (var run in content.Extents)
        {
            var first = Math.Max(last + 1, run.FileOffset / BlockBytes);
            if (first != start + count)
            {
                AppendExtents((start, position, count), space, extents);
                position += count;
                (start, count) = (first, 0);
            }
            count += Advance(run, ref last);
        }
        AppendExtents((start, position, count), space, extents);
    }

    /// <summary>Appends the extents of one run of logical blocks: they end where the blocks do, and after 32768 blocks.</summary>
    public static void AppendExtents((long Logical, long Position, long Count) run, BlockMap space, List<Extent> extents)
    {
        var (logical, position, count) = run;
        while (count > 0)
        {
            var found = space.Locate(position, Math.Min(count, Extent.MaxBlocks));
            extents.Add(new((uint)logical, found.Block, (int)found.Count));
            logical += found.Count;
            position += found.Count;
            count -= found.Count;
        }
    }

    /// <summary>The blocks that a run adds to those before it.</summary>
    private static long Advance(DataExtent run, ref long last)
    {
        var end = (run.FileOffset + run.LengthBytes - 1) / BlockBytes;
        var first = Math.Max(last + 1, run.FileOffset / BlockBytes);
        last = end;
        return end - first + 1;
    }
}
