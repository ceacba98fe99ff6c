using static Pipeline.Disk.Erofs.ErofsFormat;

namespace Pipeline.Disk.Erofs.Placing;

/// <summary>
/// Where inodes lie among each other. What must not be torn apart goes where it fits best among the last blocks begun, so
/// the ends of files cost few gaps and the inodes of a directory still lie together.
/// </summary>
internal sealed class SlotMap
{
    /// <summary>Blocks that may still take something. More would fill better and scatter more.</summary>
    private const int MaxOpenBlocks = 64;

    /// <summary>Place and room of each.</summary>
    private readonly List<(long OffsetBytes, int RoomBytes)> _open = [];

    /// <summary>Inode number 0 is left out: programs take it for none.</summary>
    public SlotMap() => _open.Add((SlotBytes, BlockBytes - SlotBytes));

    /// <summary>In whole blocks.</summary>
    public long LengthBytes { get; private set; } = BlockBytes;

    /// <summary>The place of an inode with all that lies behind it, in bytes.</summary>
    /// <param name="lengthBytes">What fits into one block comes to lie in one.</param>
    public long Place(long lengthBytes)
    {
        if (lengthBytes <= BlockBytes && BestFor(lengthBytes) is var best and >= 0)
        {
            var place = _open[best].OffsetBytes;
            _open.RemoveAt(best);
            Open(place + lengthBytes);
            return place;
        }
        var start = LengthBytes;
        LengthBytes = AlignToBlock(start + lengthBytes);
        Open(start + lengthBytes);
        return start;
    }

    private int BestFor(long lengthBytes)
    {
        var best = -1;
        for (var i = 0; i < _open.Count; i++)
        {
            if (_open[i].RoomBytes >= lengthBytes && (best < 0 || _open[i].RoomBytes < _open[best].RoomBytes))
                best = i;
        }
        return best;
    }

    /// <summary>What is left of a block from a place on may be filled later.</summary>
    private void Open(long from)
    {
        from = (from + SlotBytes - 1) & -SlotBytes;
        if (from % BlockBytes == 0)
            return;
        if (_open.Count == MaxOpenBlocks)
            _open.RemoveAt(_open.Index().MinBy(o => o.Item.RoomBytes).Index);
        _open.Add((from, BlockBytes - (int)(from % BlockBytes)));
    }
}
