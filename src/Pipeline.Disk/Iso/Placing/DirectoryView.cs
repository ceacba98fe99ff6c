using Pipeline.Disk.Iso.Records;

namespace Pipeline.Disk.Iso.Placing;

/// <summary>A directory in one of the trees, with the names of that tree.</summary>
internal sealed class ViewDirectory(IsoDirectory source, ViewDirectory? parent, byte[] identifier)
{
    public IsoDirectory Source => source;

    /// <summary>Itself for the root.</summary>
    public ViewDirectory Parent => parent ?? this;

    /// <summary>One zero byte for the root.</summary>
    public byte[] Identifier => identifier;

    public required IReadOnlyList<NamedEntry> Entries { get; init; }

    /// <summary>In the path table, from 1.</summary>
    public required int Number { get; init; }

    /// <summary>Where it lies on the medium, in blocks.</summary>
    public long Block { get; set; }

    /// <summary>Of its records, in whole blocks.</summary>
    public long LengthBytes { get; set; }

    /// <summary>With the continuation areas of its records, which lie right behind.</summary>
    public long TotalBlocks { get; set; }
}

/// <summary>
/// One tree of directories with one kind of names, as it is seen from one place: the start of the medium, or that of the
/// partition on it, where all blocks have smaller numbers.
/// </summary>
internal sealed class DirectoryView
{
    private readonly Dictionary<IsoDirectory, ViewDirectory> _bySource = [];
    private readonly List<ViewDirectory> _directories = [];

    /// <param name="tree">What there is.</param>
    /// <param name="firstBlock">The block that this view calls 0.</param>
    /// <param name="isJoliet">The kind of names.</param>
    /// <param name="hidden">A node that is not shown, or null.</param>
    public DirectoryView(IsoTree tree, long firstBlock, bool isJoliet, object? hidden)
    {
        (FirstBlock, IsJoliet) = (firstBlock, isJoliet);
        Add(tree.Directories[0], null, [0], hidden);
        for (var i = 0; i < _directories.Count; i++)
        {
            foreach (var (identifier, entry) in _directories[i].Entries.Where(e => e.Entry.Directory is not null))
                Add(entry.Directory!, _directories[i], identifier, hidden);
        }
    }

    public long FirstBlock { get; }

    public bool IsJoliet { get; }

    /// <summary>In the order of the path table: by depth, parent, name.</summary>
    public IReadOnlyList<ViewDirectory> Directories => _directories;

    public long PathTableLBlock { get; private set; }

    public long PathTableMBlock { get; private set; }

    public int PathTableBytes { get; private set; }

    public ViewDirectory Of(IsoDirectory source) => _bySource[source];

    /// <summary>A block of the medium as this view numbers it; where nothing has a place yet, 0.</summary>
    public long Seen(long block) => Math.Max(0, block - FirstBlock);

    /// <summary>Gives path tables and directories their places.</summary>
    /// <returns>The first block behind.</returns>
    public long Place(long block, DirectoryEncoder encoder)
    {
        PathTableBytes = PathTable.LengthBytes(this);
        var tableBlocks = IsoFormat.BlocksOf(PathTableBytes);
        PathTableLBlock = block;
        PathTableMBlock = block + tableBlocks;
        block += 2 * tableBlocks;
        foreach (var directory in _directories)
        {
            encoder.Measure(this, directory);
            directory.Block = block;
            block += directory.TotalBlocks;
        }
        return block;
    }

    private void Add(IsoDirectory source, ViewDirectory? parent, byte[] identifier, object? hidden)
    {
        var shown = source.Entries.Where(e => !ReferenceEquals(e.Node, hidden));
        var directory = new ViewDirectory(source, parent, identifier)
        {
            Entries = IsJoliet ? JolietNames.Assign(shown) : IsoNames.Assign(shown),
            Number = _directories.Count + 1,
        };
        _directories.Add(directory);
        _bySource.Add(source, directory);
    }
}
