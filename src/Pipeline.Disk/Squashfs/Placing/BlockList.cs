using Pipeline.Core.Files;
using Pipeline.Disk.Trees;

namespace Pipeline.Disk.Squashfs.Placing;

/// <summary>How a file is cut: blocks of full length, and an end that shares a block with others or is a short block.</summary>
/// <param name="Content">What is cut.</param>
/// <param name="BlockBytes">The length of a full block.</param>
/// <param name="BlockCount">Blocks of its own, holes included.</param>
/// <param name="TailBytes">The length of the end that lies in a fragment block; 0 where there is none.</param>
internal readonly record struct BlockList(FileContent Content, int BlockBytes, long BlockCount, int TailBytes)
{
    public static BlockList Of(FileContent content, SquashfsOptions options)
    {
        var blockBytes = options.BlockBytes;
        var full = content.LengthBytes / blockBytes;
        var rest = (int)(content.LengthBytes % blockBytes);
        if (rest == 0)
            return new(content, blockBytes, full, 0);
        var list = new BlockList(content, blockBytes, full + 1, 0);
        var isShared = (full == 0 || options.PacksTails) && !list.IsHole(full);
        return isShared ? list with { BlockCount = full, TailBytes = rest } : list;
    }

    public int LengthOf(long block) => (int)Math.Min(BlockBytes, Content.LengthBytes - block * BlockBytes);

    /// <summary>Ascending ranges of blocks (the end is exclusive) that hold data; what lies between them is hole.</summary>
    public IEnumerable<(long First, long End)> DataRuns() => DataUnits.Of(Content, BlockBytes, BlockCount);

    private bool IsHole(long block) =>
        Content.Extents is not [.., var last] || last.FileOffset + last.LengthBytes <= block * BlockBytes;
}
