using System.Text;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Disk.Ext4.Directories;
using static Pipeline.Disk.Ext4.Ext4Format;

namespace Pipeline.Disk.Ext4.Placing;

/// <summary>All that can be known of a tree before the length of the file system is: inode numbers, directory sizes, attribute blocks.</summary>
internal sealed class TreePlan
{
    private const int LostAndFoundBlocks = 4;
    private const int MaxLabelBytes = 16;
    private const uint MaxMajor = (1 << 12) - 1;
    private const uint MaxMinor = (1 << 20) - 1;

    private readonly DiagnosticBag _diagnostics = new();
    private readonly SourceSpan? _span;
    private readonly List<(int Index, Rule Rule, object?[] Details)> _problems = [];
    private readonly int[] _directoryBlocks;

    public TreePlan(FileTree tree, Ext4Options options, SourceSpan? span)
    {
        _span = span;
        Hash = new DirectoryHash(options.HashSeed);
        if (Encoding.UTF8.GetByteCount(options.Label ?? "") is > MaxLabelBytes and var labelBytes)
            _diagnostics.Add(Ext4Rules.LabelTooLong, span, options.Label, labelBytes);
        if (tree.Root.Find(InodeMap.LostAndFoundName) is not null and not DirectoryNode)
            _diagnostics.Add(Ext4Rules.LostAndFoundIsNoDirectory, span);
        Inodes = new InodeMap(tree, options.Clock, (rule, path, detail) => _diagnostics.Add(rule, span, path, detail));
        _directoryBlocks = new int[Inodes.Directories.Count];
        for (var number = 0; number < _directoryBlocks.Length; number++)
            _directoryBlocks[number] = CountBlocks(number);
        for (var index = 0; index < Inodes.Nodes.Count; index++)
            Check(index, Inodes.Nodes[index]);
        NameProblems();
    }

    public InodeMap Inodes { get; }

    public XattrPlan Xattrs { get; } = new();

    public DirectoryHash Hash { get; }

    public DiagnosticBag Diagnostics => _diagnostics;

    /// <summary>A few more than there are, so that a full file system still takes a file.</summary>
    public int InodesWanted => Inodes.LastInode + Inodes.LastInode / 16 + 64;

    /// <summary>The blocks of a directory, by its number.</summary>
    public int DirectoryBlocks(int number) => _directoryBlocks[number];

    /// <summary>The blocks that a node's content needs; a directory's are counted elsewhere.</summary>
    public static long ContentBlocks(FileNode node) => node switch
    {
        RegularFile file => ContentMap.BlockCount(file.Content),
        SymbolicLink { Target.Length: > MaxFastSymlinkBytes } => 1,
        _ => 0,
    };

    private int CountBlocks(int number)
    {
        var directory = Inodes.Directories[number];
        if (directory == Inodes.LostAndFound)
            return LostAndFoundBlocks;
        var bytes = DirectoryBlock.DotsBytes + Inodes.Entries(directory).Sum(e => (long)e.SizeBytes);
        if (bytes <= DirectoryBlock.CapacityBytes)
            return 1;
        var tree = new HashTree(Inodes.Entries(directory), Hash);
        if (!tree.Fits)
            _diagnostics.Add(Ext4Rules.TooManyEntries, _span, Inodes.PathOf(number), directory.Node.Count);
        return tree.BlockCount;
    }

    private void Check(int index, FileNode node)
    {
        if (node is not DirectoryNode && Inodes.Links(index) > MaxLinks)
            _problems.Add((index, Ext4Rules.TooManyLinks, [Inodes.Links(index)]));
        if (node is RegularFile file && file.Content.LengthBytes > MaxFileBytes)
            _problems.Add((index, Ext4Rules.FileTooLarge, [file.Content.LengthBytes, MaxFileBytes]));
        if (node is SymbolicLink link && (link.Target.Length is 0 or > MaxSymlinkBytes || link.Target.AsSpan().Contains((byte)0)))
            _problems.Add((index, Ext4Rules.BadTarget, [link.Target.Length]));
        if (node is SpecialFile special && (special.Major > MaxMajor || special.Minor > MaxMinor))
            _problems.Add((index, Ext4Rules.BadDevice, [special.Major, special.Minor]));
        if (node.Xattrs.Count > 0)
            CheckXattrs(index, node);
    }

    private void CheckXattrs(int index, FileNode node)
    {
        var problems = new List<(Rule Rule, object Subject)>();
        Xattrs.Add(index, node, problems);
        _problems.AddRange(problems.Select(p => (index, p.Rule, new object?[] { p.Subject })));
    }

    private void NameProblems()
    {
        if (_problems.Count == 0)
            return;
        var paths = Inodes.PathsOf(_problems.Select(p => p.Index).ToHashSet());
        foreach (var (index, rule, details) in _problems)
            _diagnostics.Add(rule, _span, [paths[index], .. details]);
    }
}
