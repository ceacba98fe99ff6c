using Pipeline.Core.Files;

namespace Pipeline.Disk.Erofs.Placing;

/// <summary>How long inodes and what they tell of are: all that does not depend on how contents are kept.</summary>
internal sealed class InodeForms
{
    private readonly ErofsLayout _layout;
    private readonly long[] _lengths;

    public InodeForms(ErofsLayout layout)
    {
        _layout = layout;
        _lengths = [.. layout.Nodes.Nodes.Select((node, index) => node switch
        {
            DirectoryNode => DirectoryPlan.LengthOf(layout.Nodes, layout.Nodes.Directories[layout.Nodes.DirectoryOf(index)]),
            SymbolicLink link => link.Target.Length,
            RegularFile file => file.Content.LengthBytes,
            _ => 0,
        })];
    }

    /// <summary>The small form knows neither times nor large numbers.</summary>
    public bool IsCompact(int index)
    {
        var node = _layout.Nodes.Nodes[index];
        return node.Uid <= ushort.MaxValue && node.Gid <= ushort.MaxValue && node.Mtime == _layout.Options.Clock
            && _layout.Nodes.Links(index) <= ushort.MaxValue && _lengths[index] <= uint.MaxValue;
    }

    /// <summary>The inode and its attributes.</summary>
    public int HeadBytes(int index) =>
        (IsCompact(index) ? ErofsFormat.CompactInodeBytes : ErofsFormat.ExtendedInodeBytes) + _layout.Xattrs.BodyBytes(index);

    /// <summary>How a node is kept where nothing is packed.</summary>
    public InodeShape ShapeOf(int index) => _layout.Nodes.Nodes[index] is RegularFile file
        ? InodeShape.Of(file.Content, HeadBytes(index))
        : InodeShape.Flat(_lengths[index], HeadBytes(index));
}
