using Pipeline.Core.Files;

namespace Pipeline.Disk.Trees;

/// <summary>A directory in the order in which it was met.</summary>
/// <param name="Node">The directory.</param>
/// <param name="Index">Its index in <see cref="NodeMap.Nodes"/>.</param>
/// <param name="Parent">Its parent's number among the directories; its own for the root.</param>
/// <param name="Name">Empty for the root.</param>
internal sealed record DirectoryPlace(DirectoryNode Node, int Index, int Parent, FileName Name)
{
    /// <summary>Where the indices of its children begin.</summary>
    public int FirstChild { get; set; }

    public int Subdirectories { get; set; }
}

/// <summary>
/// Numbers what a tree holds: every node once, the children of a directory side by side in the order of their names, a
/// directory before what is below it. What inode numbers are made of the indices is each format's matter. Nothing
/// recurses, so the depth of a tree costs no stack.
/// </summary>
internal sealed class NodeMap
{
    /// <summary>As Linux and every format here: <c>NAME_MAX</c>.</summary>
    public const int MaxNameBytes = 255;

    private readonly List<FileNode> _nodes = [];
    private readonly List<uint> _names = [];
    private readonly List<int> _children = [];
    private readonly List<DirectoryPlace> _directories = [];
    private readonly Dictionary<int, int> _directoryOf = [];

    /// <param name="badName">Told the path and the length in bytes of every name that no file system can keep.</param>
    /// <param name="extra">A directory for the root that the tree does not have; its index is 1.</param>
    public NodeMap(FileTree tree, Action<string, int> badName, (FileName Name, DirectoryNode Node)? extra = null)
    {
        var indices = new Dictionary<FileNode, int>(ReferenceEqualityComparer.Instance);
        var pending = new Stack<int>();
        AddDirectory(new(tree.Root, Add(indices, tree.Root), 0, default));
        pending.Push(0);
        if (extra is { } made)
            AddExtra(indices, made.Name, made.Node);
        while (pending.TryPop(out var number))
        {
            var firstBelow = _directories.Count;
            AddChildren(number, indices, badName);
            for (var below = _directories.Count - 1; below >= firstBelow; below--)
                pending.Push(below);
        }
    }

    /// <summary>Index 0 is the root.</summary>
    public IReadOnlyList<FileNode> Nodes => _nodes;

    /// <summary>A directory comes after its parent.</summary>
    public IReadOnlyList<DirectoryPlace> Directories => _directories;

    /// <summary>The directory that the tree does not have; null without one.</summary>
    public DirectoryPlace? Extra { get; private set; }

    /// <summary>How many names a node has; for a directory 2 and its subdirectories.</summary>
    public uint Links(int index) => _directoryOf.TryGetValue(index, out var number) ? 2 + (uint)_directories[number].Subdirectories : _names[index];

    /// <summary>The number of a directory by its index among the nodes.</summary>
    public int DirectoryOf(int index) => _directoryOf[index];

    /// <summary>The names of a directory in byte order, with the indices of their nodes.</summary>
    public IEnumerable<(FileName Name, int Index)> Children(DirectoryPlace directory)
    {
        var extra = directory.Index == 0 ? Extra : null;
        var child = directory.FirstChild;
        foreach (var (name, _) in directory.Node.Children)
        {
            if (extra is not null && extra.Name < name)
            {
                yield return (extra.Name, extra.Index);
                extra = null;
            }
            yield return (name, _children[child++]);
        }
        if (extra is not null)
            yield return (extra.Name, extra.Index);
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
            foreach (var (name, index) in Children(_directories[number]))
            {
                if (indices.Contains(index))
                    paths.TryAdd(index, Join(PathOf(number), name));
            }
        }
        return paths;
    }

    private static string Join(string directory, FileName name) => (directory == "/" ? "/" : directory + "/") + name;

    private void AddExtra(Dictionary<FileNode, int> indices, FileName name, DirectoryNode node)
    {
        Extra = new(node, Add(indices, node), 0, name);
        _names[Extra.Index]++;
        AddDirectory(Extra);
        _directories[0].Subdirectories++;
    }

    private void AddChildren(int number, Dictionary<FileNode, int> indices, Action<string, int> badName)
    {
        var directory = _directories[number];
        directory.FirstChild = _children.Count;
        foreach (var (name, node) in directory.Node.Children)
        {
            if (!IsName(name.Bytes))
                badName(Join(PathOf(number), name), name.Length);
            if (!indices.TryGetValue(node, out var index))
                index = Add(indices, node);
            else if (node is DirectoryNode)
                throw new ArgumentException($"the directory {Join(PathOf(number), name)} is in the tree twice");
            _names[index]++;
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
        _names.Add(0);
        return _nodes.Count - 1;
    }

    private void AddDirectory(DirectoryPlace directory)
    {
        _directoryOf.Add(directory.Index, _directories.Count);
        _directories.Add(directory);
    }
}
