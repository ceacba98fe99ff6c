namespace Pipeline.Disk.Ext4.Placing;

/// <summary>Blocks side by side. <see cref="End"/> is exclusive.</summary>
internal readonly record struct BlockRun(long Block, long Count)
{
    public long End => Block + Count;

    /// <summary>Sorts, and makes one run of runs that touch.</summary>
    public static List<BlockRun> Merge(IEnumerable<BlockRun> runs)
    {
        var merged = new List<BlockRun>();
        foreach (var run in runs.Where(r => r.Count > 0).OrderBy(r => r.Block))
        {
            if (merged.Count > 0 && merged[^1].End >= run.Block)
                merged[^1] = merged[^1] with { Count = Math.Max(merged[^1].End, run.End) - merged[^1].Block };
            else
                merged.Add(run);
        }
        return merged;
    }
}
