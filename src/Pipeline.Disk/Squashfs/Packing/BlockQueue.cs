using Pipeline.Disk.Squashfs.Placing;

namespace Pipeline.Disk.Squashfs.Packing;

/// <summary>The end of a file in a fragment block.</summary>
internal readonly record struct FragmentPiece(int File, long FileOffset, int LengthBytes);

/// <summary>One block to be packed: of a file, or of the ends of several.</summary>
/// <param name="File">Its number; -1 for a fragment block.</param>
/// <param name="FileOffset">Where it begins in the file.</param>
/// <param name="LengthBytes">Before it is packed.</param>
/// <param name="Pieces">What a fragment block holds, one after the other.</param>
internal readonly record struct BlockJob(int File, long FileOffset, int LengthBytes, FragmentPiece[] Pieces)
{
    public bool IsFragment => File < 0;
}

/// <summary>
/// Every block in the order in which it will lie: file by file, a fragment block as soon as the next end does not fit.
/// What lies in which fragment block follows from lengths alone, so it is known before anything is read.
/// </summary>
internal static class BlockQueue
{
    /// <summary>Writes the places in fragment blocks on the way.</summary>
    public static IEnumerable<BlockJob> Jobs(PackedContents contents, int blockBytes)
    {
        var pieces = new List<FragmentPiece>();
        var (filled, fragment) = (0, 0u);
        for (var file = 0; file < contents.Files.Count; file++)
        {
            if (contents.Places[file].Original != file)
                continue;
            var cut = contents.Cut(file);
            foreach (var job in DataJobs(file, cut))
                yield return job;
            if (cut.TailBytes == 0)
                continue;
            if (filled + cut.TailBytes > blockBytes)
            {
                yield return new(-1, 0, filled, [.. pieces]);
                pieces.Clear();
                (filled, fragment) = (0, fragment + 1);
            }
            (contents.Places[file].Fragment, contents.Places[file].FragmentOffset) = (fragment, filled);
            pieces.Add(new(file, cut.BlockCount * blockBytes, cut.TailBytes));
            filled += cut.TailBytes;
        }
        if (filled > 0)
            yield return new(-1, 0, filled, [.. pieces]);
    }

    private static IEnumerable<BlockJob> DataJobs(int file, BlockList cut)
    {
        foreach (var (first, end) in cut.DataRuns())
        {
            for (var block = first; block < end; block++)
                yield return new(file, block * cut.BlockBytes, cut.LengthOf(block), []);
        }
    }
}
