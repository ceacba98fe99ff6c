namespace Pipeline.Core.Files;

/// <summary>A directory: names to nodes. Enumerated in the byte order of the names, whatever the order of insertion was.</summary>
public sealed class DirectoryNode : FileNode
{
    private readonly Dictionary<FileName, FileNode> _children = [];
    private KeyValuePair<FileName, FileNode>[]? _sorted;

    public int Count => _children.Count;

    /// <summary>The children in byte order of their names. The same array until the next change.</summary>
    public IReadOnlyList<KeyValuePair<FileName, FileNode>> Children => _sorted ??= Sort();

    public FileNode? Find(FileName name) => _children.GetValueOrDefault(name);

    /// <summary>Adds a child, or replaces the one of that name.</summary>
    public void Set(FileName name, FileNode node)
    {
        _children[name] = node;
        _sorted = null;
    }

    public bool Remove(FileName name)
    {
        _sorted = null;
        return _children.Remove(name);
    }

    public void Clear()
    {
        _sorted = null;
        _children.Clear();
    }

    public override FileNode CloneAlone() => WithMetadataOf(new DirectoryNode());

    private KeyValuePair<FileName, FileNode>[] Sort()
    {
        var sorted = _children.ToArray();
        Array.Sort(sorted, static (a, b) => a.Key.CompareTo(b.Key));
        return sorted;
    }
}
