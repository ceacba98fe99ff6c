using Pipeline.Core.Files;
using static Pipeline.Disk.Iso.IsoFormat;

namespace Pipeline.Disk.Iso.Placing;

/// <summary>A run of contents on the medium; its last block is filled with zeroes.</summary>
internal sealed record PlacedContent(long Block, FileContent Content)
{
    public long EndBlock => Block + BlocksOf(Content.LengthBytes);
}

/// <summary>Where the contents of files lie: each once, in the order of the tree, those of the UEFI image last and aligned.</summary>
internal sealed class ContentPlaces(IsoTree tree)
{
    private readonly Dictionary<FileNode, long> _blocks = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<RegularFile, FileContent> _changed = new(ReferenceEqualityComparer.Instance);
    private readonly List<RegularFile> _order = [];

    /// <summary>In the order of their places.</summary>
    public IEnumerable<PlacedContent> All => _order.Select(f => new PlacedContent(_blocks[f], Of(f)));

    public FileContent Of(RegularFile file) => _changed.TryGetValue(file, out var changed) ? changed : file.Content;

    /// <summary>Contents that differ from those in the tree: a boot image that knows its place. The length stays.</summary>
    public void Change(RegularFile file, byte[] bytes) => _changed[file] = FileContent.Of(bytes);

    /// <summary>Empty files, links and devices are said to lie at the first block of contents.</summary>
    public long BlockOf(FileNode node) => _blocks.TryGetValue(node, out var block) ? block : FirstBlock;

    public long FirstBlock { get; private set; }

    /// <returns>The first block behind.</returns>
    public long Place(long block, RegularFile? last)
    {
        FirstBlock = block;
        foreach (var file in tree.Directories.SelectMany(d => d.Entries).Select(e => e.Node).OfType<RegularFile>())
        {
            if (!ReferenceEquals(file, last))
                block = Add(file, block);
        }
        return block;
    }

    public long PlaceLast(RegularFile file, long block) => Add(file, block);

    private long Add(RegularFile file, long block)
    {
        if (file.Content.LengthBytes == 0 || !_blocks.TryAdd(file, block))
            return block;
        _order.Add(file);
        return block + BlocksOf(file.Content.LengthBytes);
    }
}
