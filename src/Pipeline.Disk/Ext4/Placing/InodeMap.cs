using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Disk.Ext4.Directories;
using static Pipeline.Disk.Ext4.Ext4Format;

namespace Pipeline.Disk.Ext4.Placing;

/// <summary>A directory in the order of its inode number.</summary>
/// <param name="Node">The directory.</param>
/// <param name="Index">Its index in <see cref="InodeMap.Nodes"/>.</param>
/// <param name="Parent">Its parent's index among the directories; its own for the root.</param>
/// <param name="Name">Empty for the root.</param>
internal sealed record DirectoryPlace(DirectoryNode Node, int Index, int Parent, FileName Name)
{
    /// <summary>Where the inode numbers of its children begin.</summary>
    public int FirstChild { get; set; }

    public int Subdirectories { get; set; }
}

/// <summary>
/// Who gets which inode number: the root its own, everything else a number from 11 on, without gaps, the children of a
/// directory side by side. Nothing here recurses, so the depth of a tree costs no stack.
/// </summary>
internal sealed class InodeMap
{
    private readonly List<FileNode> _nodes = [];
    private readonly List<int> _links = [];
    private readonly List<int> _children = [];
    private readonly List<DirectoryPlace> _directories = [];

    /// <summary>Lists what a tree holds and complains about every name that cannot be kept.</summary>
    public InodeMap(FileTree tree, UnixTime clock, Action<Rule, string, object?> complain)
    {
        var indices = new Dictionary<FileNode, int>(ReferenceEqualityComparer.Instance);
        var pending = new Stack<int>();
        pending.Push(AddDirectory(new(tree.Root, Add(indices, tree.Root), 0, default)));
        if (tree.Root.Find(LostAndFoundName) is null)
            AddLostAndFound(clock);
        while (pending.TryPop(out var number))
        {
            var firstBelow = _directories.Count;
            AddChildren(number, indices, complain);
            for (var below = _directories.Count - 1; below >= firstBelow; below--)
                pending.Push(below);
        }
    }

    public static FileName LostAndFoundName { get; } = FileName.Of("lost+found");

    /// <summary>Index 0 is the root; <see cref="InodeOf"/> makes an inode number of an index.</summary>
    public IReadOnlyList<FileNode> Nodes => _nodes;

    public IReadOnlyList<DirectoryPlace> Directories => _directories;

    /// <summary>The one that is made where the tree has none; null where it has.</summary>
    public DirectoryPlace? LostAndFound { get; private set; }

    /// <summary>The highest inode number; all below it are in use.</summary>
    public int LastInode => InodeOf(_nodes.Count - 1);

    public static int InodeOf(int index) => index == 0 ? RootInode : FirstInode - 1 + index;

    public static byte TypeOf(FileNode node) => node switch
    {
        RegularFile => 1,
        DirectoryNode => DirectoryBlock.DirectoryType,
        SymbolicLink => 7,
        SpecialFile special => special.Kind switch
        {
            SpecialKind.CharacterDevice => 3,
            SpecialKind.BlockDevice => 4,
            SpecialKind.Fifo => 5,
            _ => 6,
        },
        _ => throw new ArgumentException($"a node of an unknown kind: {node.GetType()}"),
    };

    /// <summary>How many names a node has; what a directory's inode says is another matter.</summary>
    public int Links(int index) => _links[index];

    /// <summary>The names of a directory without its dots, in byte order.</summary>
    public IEnumerable<DirectoryEntry> Entries(DirectoryPlace directory)
    {
        var made = directory.Index == 0 ? LostAndFound : null;
        var child = directory.FirstChild;
        foreach (var (name, node) in directory.Node.Children)
        {
            if (made is not null && LostAndFoundName < name)
            {
                yield return new(LostAndFoundName, InodeOf(made.Index), DirectoryBlock.DirectoryType);
                made = null;
            }
            yield return new(name, InodeOf(_children[child++]), TypeOf(node));
        }
        if (made is not null)
            yield return new(LostAndFoundName, InodeOf(made.Index), DirectoryBlock.DirectoryType);
    }

    /// <summary>For messages.</summary>
    public string PathOf(int directory)
    {
        var names = new List<string>();
        for (; directory != 0; directory = _directories[directory].Parent)
            names.Add(_directories[directory].Name.ToString());
        names.Reverse();
        return "/" + string.Join('/', names);
    }

    /// <summary>One path of each of some nodes, for messages.</summary>
    public Dictionary<int, string> PathsOf(IReadOnlySet<int> indices)
    {
        var paths = new Dictionary<int, string> { [0] = "/" };
        for (var number = 0; number < _directories.Count; number++)
        {
            var child = _directories[number].FirstChild;
            foreach (var (name, _) in _directories[number].Node.Children)
            {
                if (indices.Contains(_children[child]))
                    paths.TryAdd(_children[child], Join(PathOf(number), name));
                child++;
            }
        }
        return paths;
    }

    private static string Join(string directory, FileName name) => (directory == "/" ? "/" : directory + "/") + name;

    private void AddChildren(int number, Dictionary<FileNode, int> indices, Action<Rule, string, object?> complain)
    {
        var directory = _directories[number];
        directory.FirstChild = _children.Count;
        foreach (var (name, node) in directory.Node.Children)
        {
            if (!IsName(name.Bytes))
                complain(Ext4Rules.BadName, Join(PathOf(number), name), name.Length);
            if (!indices.TryGetValue(node, out var index))
                index = Add(indices, node);
            else if (node is DirectoryNode)
                throw new ArgumentException($"the directory {Join(PathOf(number), name)} is in the tree twice");
            _links[index]++;
            _children.Add(index);
            if (node is not DirectoryNode child)
                continue;
            AddDirectory(new(child, index, number, name));
            directory.Subdirectories++;
        }
    }

    private static bool IsName(ReadOnlySpan<byte> name) =>
        name.Length is > 0 and <= MaxNameBytes && !name.ContainsAny((byte)0, (byte)'/') && !name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8);

    private int Add(Dictionary<FileNode, int> indices, FileNode node)
    {
        indices.Add(node, _nodes.Count);
        _nodes.Add(node);
        _links.Add(0);
        return _nodes.Count - 1;
    }

    private int AddDirectory(DirectoryPlace directory)
    {
        _directories.Add(directory);
        return _directories.Count - 1;
    }

    private void AddLostAndFound(UnixTime clock)
    {
        var node = new DirectoryNode { Permissions = 0b111_000_000, Mtime = clock };
        LostAndFound = new(node, _nodes.Count, 0, LostAndFoundName);
        _nodes.Add(node);
        _links.Add(1);
        _directories.Add(LostAndFound);
        _directories[0].Subdirectories++;
    }
}
