namespace Pipeline.Disk.Ext4.Placing;

/// <summary>
/// The blocks that no table occupies, numbered through without gaps. Whatever is placed gets consecutive positions, so
/// one number a file tells where all its blocks lie, and everything before the last position is in use.
/// </summary>
internal sealed class BlockMap
{
    private readonly long[] _positions;
    private readonly BlockRun[] _runs;

    /// <param name="occupied">Merged and ascending.</param>
    public BlockMap(IReadOnlyList<BlockRun> occupied, long blockCount)
    {
        var runs = new List<BlockRun>();
        var next = 0L;
        foreach (var run in occupied)
        {
            if (run.Block > next)
                runs.Add(new(next, run.Block - next));
            next = run.End;
        }
        if (next < blockCount)
            runs.Add(new(next, blockCount - next));
        Capacity = runs.Sum(r => r.Count);
        // What does not fit is mapped behind the end, so that placing can go on and tell how much is missing.
        runs.Add(new(blockCount, long.MaxValue - blockCount));
        _runs = [.. runs];
        _positions = new long[_runs.Length];
        for (var i = 1; i < _runs.Length; i++)
            _positions[i] = _positions[i - 1] + _runs[i - 1].Count;
    }

    /// <summary>How many blocks there are to place things in.</summary>
    public long Capacity { get; }

    /// <summary>The block at a position and how many follow it side by side, at most <paramref name="count"/>.</summary>
    public BlockRun Locate(long position, long count)
    {
        var index = Array.BinarySearch(_positions, position);
        if (index < 0)
            index = ~index - 1;
        var skipped = position - _positions[index];
        return new(_runs[index].Block + skipped, Math.Min(count, _runs[index].Count - skipped));
    }

    /// <summary>The runs of <paramref name="count"/> blocks from a position on, in ascending order.</summary>
    public IEnumerable<BlockRun> Runs(long position, long count)
    {
        while (count > 0)
        {
            var run = Locate(position, count);
            yield return run;
            position += run.Count;
            count -= run.Count;
        }
    }
}
