using System.Text;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Disk.Ext4.Directories;
using Pipeline.Disk.Trees;
using static Pipeline.Disk.Ext4.Ext4Format;

namespace Pipeline.Disk.Ext4.Placing;

/// <summary>All that can be known of a tree before the length of the file system is: inode numbers, directory sizes, attribute blocks.</summary>
internal sealed class TreePlan
{
    private const int LostAndFoundBlocks = 4;
    private const int MaxLabelBytes = 16;

    private readonly DiagnosticBag _diagnostics = new();
    private readonly SourceSpan? _span;
    private readonly NodeProblems _problems;
    private readonly int[] _directoryBlocks;

    public TreePlan(FileTree tree, Ext4Options options, SourceSpan? span)
    {
        (_span, _problems) = (span, new(_diagnostics, span));
        Hash = new DirectoryHash(options.HashSeed);
        if (Encoding.UTF8.GetByteCount(options.Label ?? "") is > MaxLabelBytes and var labelBytes)
            _diagnostics.Add(Ext4Rules.LabelTooLong, span, options.Label, labelBytes);
        if (tree.Root.Find(InodeMap.LostAndFoundName) is not null and not DirectoryNode)
            _diagnostics.Add(Ext4Rules.LostAndFoundIsNoDirectory, span);
        Inodes = new InodeMap(tree, options.Clock, (path, length) => _diagnostics.Add(Ext4Rules.BadName, span, path, length));
        _directoryBlocks = new int[Inodes.Directories.Count];
        for (var number = 0; number < _directoryBlocks.Length; number++)
            _directoryBlocks[number] = CountBlocks(number);
        for (var index = 0; index < Inodes.Nodes.Count; index++)
            Check(index, Inodes.Nodes[index]);
        _problems.Tell(Inodes.Map);
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
            _diagnostics.Add(Ext4Rules.TooManyEntries, _span, Inodes.Map.PathOf(number), directory.Node.Count);
        return tree.BlockCount;
    }

    private void Check(int index, FileNode node)
    {
        if (node is not DirectoryNode && Inodes.Links(index) > MaxLinks)
            _problems.Add(index, Ext4Rules.TooManyLinks, Inodes.Links(index));
        if (node is RegularFile file && file.Content.LengthBytes > MaxFileBytes)
            _problems.Add(index, Ext4Rules.FileTooLarge, file.Content.LengthBytes, MaxFileBytes);
        if (node is SymbolicLink link && !LinuxNode.HasSoundTarget(link))
            _problems.Add(index, Ext4Rules.BadTarget, link.Target.Length);
        if (node is SpecialFile special && !LinuxNode.HasSoundNumbers(special))
            _problems.Add(index, Ext4Rules.BadDevice, special.Major, special.Minor);
        if (node.Xattrs.Count > 0)
            CheckXattrs(index, node);
    }

    private void CheckXattrs(int index, FileNode node)
    {
        var problems = new List<(Rule Rule, object Subject)>();
        Xattrs.Add(index, node, problems);
        foreach (var (rule, subject) in problems)
            _problems.Add(index, rule, subject);
    }
}
