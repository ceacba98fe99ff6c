using System.Text;

namespace Pipeline.Core.Files;

/// <summary>
/// A root file system: what the layers make and the file system writers take. Paths are absolute, with '/' between
/// names; a leading '/' may be left out. Symbolic links are resolved inside the tree and never on the host.
/// Not thread-safe for changes; safe for concurrent reading after <see cref="DirectoryNode.Children"/> was enumerated once.
/// </summary>
public sealed class FileTree(DirectoryNode root)
{
    /// <summary>As Linux: more links than this on one path is a loop.</summary>
    public const int MaxSymlinks = 40;

    public FileTree() : this(NewDirectory(UnixTime.Epoch))
    {
    }

    public DirectoryNode Root { get; } = root;

    /// <summary>A directory as it is made where a parent is missing: root:root, 0755.</summary>
    public static DirectoryNode NewDirectory(UnixTime mtime) => new() { Permissions = 0b111_101_101, Mtime = mtime };

    /// <summary>The node a path names, or null. Links on the way are followed inside the tree; a last one only if asked.</summary>
    public FileNode? Find(string path, bool followLast = true) => Find(Split(Encoding.UTF8.GetBytes(path)), followLast);

    public FileNode? Find(IReadOnlyList<FileName> path, bool followLast = true) =>
        Locate(path, followLast) is { } place ? place.Node : null;

    /// <summary>
    /// The real path of what <paramref name="path"/> names after following links, or null where there is nothing.
    /// No trailing slash; the root is "/".
    /// </summary>
    public string? RealPath(string path) =>
        Locate(Split(Encoding.UTF8.GetBytes(path)), followLast: true) is { } place
            ? "/" + string.Join('/', place.Path.Select(n => n.ToString()))
            : null;

    /// <summary>
    /// Puts a node at a path, replacing what is there; parents that are missing are made (root:root, 0755, with the node's
    /// mtime), parents that are links are followed inside the tree.
    /// </summary>
    /// <exception cref="IOException">A parent is not a directory, or its links make a loop.</exception>
    public void Set(string path, FileNode node)
    {
        var names = Split(Encoding.UTF8.GetBytes(path));
        if (names.Count == 0)
            throw new IOException("the root itself cannot be replaced");
        EnsureDirectory(names.Take(names.Count - 1), node.Mtime).Set(names[^1], node);
    }

    /// <summary>The directory at a path; made, with its parents, where it is missing.</summary>
    /// <exception cref="IOException">Something on the path is not a directory, or its links make a loop.</exception>
    public DirectoryNode EnsureDirectory(string path, UnixTime mtime) => EnsureDirectory(Split(Encoding.UTF8.GetBytes(path)), mtime);

    /// <summary>Removes a node and what is below it; links on the way are followed, the last name is not. False where there was nothing.</summary>
    public bool Remove(string path)
    {
        var names = Split(Encoding.UTF8.GetBytes(path));
        return names.Count > 0 && Find([.. names.Take(names.Count - 1)]) is DirectoryNode parent && parent.Remove(names[^1]);
    }

    /// <summary>
    /// Takes a subtree out as a tree of its own and leaves an empty directory with the same metadata (a mount point).
    /// Hard links across the cut become two files.
    /// </summary>
    public FileTree Detach(string path, UnixTime mtime)
    {
        var directory = EnsureDirectory(path, mtime);
        var part = new FileTree((DirectoryNode)directory.CloneAlone());
        foreach (var (name, child) in directory.Children)
            part.Root.Set(name, child);
        directory.Clear();
        return part;
    }

    /// <summary>A deep copy that shares contents but no node; hard links stay hard links.</summary>
    public FileTree Clone()
    {
        var copies = new Dictionary<FileNode, FileNode>(ReferenceEqualityComparer.Instance);
        return new((DirectoryNode)CloneNode(Root, copies));
    }

    /// <summary>Every node below the root with its path, parents first, in byte order of names. A hard link comes once a name.</summary>
    public IEnumerable<(string Path, FileNode Node)> Walk() => Walk(Root, "");

    /// <summary>Splits a path at its slashes; "." and empty parts vanish, ".." is resolved without leaving the root.</summary>
    public static IReadOnlyList<FileName> Split(ReadOnlySpan<byte> path)
    {
        var names = new List<FileName>();
        foreach (var range in path.Split((byte)'/'))
        {
            var part = path[range];
            if (part.IsEmpty || part.SequenceEqual("."u8))
                continue;
            if (!part.SequenceEqual(".."u8))
                names.Add(FileName.Of(part));
            else if (names.Count > 0)
                names.RemoveAt(names.Count - 1);
        }
        return names;
    }

    private static IEnumerable<(string Path, FileNode Node)> Walk(DirectoryNode directory, string prefix)
    {
        foreach (var (name, node) in directory.Children)
        {
            var path = prefix + "/" + name;
            yield return (path, node);
            if (node is DirectoryNode child)
            {
                foreach (var below in Walk(child, path))
                    yield return below;
            }
        }
    }

    private static FileNode CloneNode(FileNode node, Dictionary<FileNode, FileNode> copies)
    {
        if (copies.TryGetValue(node, out var known))
            return known;
        var copy = node.CloneAlone();
        copies.Add(node, copy);
        if (node is DirectoryNode directory)
        {
            foreach (var (name, child) in directory.Children)
                ((DirectoryNode)copy).Set(name, CloneNode(child, copies));
        }
        return copy;
    }

    private DirectoryNode EnsureDirectory(IEnumerable<FileName> names, UnixTime mtime)
    {
        var path = new List<FileName>();
        var current = Root;
        foreach (var name in names)
        {
            path.Add(name);
            switch (current.Find(name))
            {
                case null:
                    var made = NewDirectory(mtime);
                    current.Set(name, made);
                    current = made;
                    break;
                case DirectoryNode directory:
                    current = directory;
                    break;
                case SymbolicLink when Locate(path, followLast: true) is { Node: DirectoryNode target } place:
                    current = target;
                    path = [.. place.Path];
                    break;
                default:
                    throw new IOException($"/{string.Join('/', path)} is not a directory");
            }
        }
        return current;
    }

    private (FileNode Node, IReadOnlyList<FileName> Path)? Locate(IReadOnlyList<FileName> path, bool followLast)
    {
        var pending = new Stack<FileName>(path.Reverse());
        var nodes = new List<FileNode> { Root };
        var names = new List<FileName>();
        var links = 0;
        while (pending.TryPop(out var name))
        {
            if (name.Bytes.SequenceEqual(".."u8))
            {
                Pop(nodes, names);
                continue;
            }
            if (nodes[^1] is not DirectoryNode directory || directory.Find(name) is not { } node)
                return null;
            if (node is SymbolicLink link && (followLast || pending.Count > 0))
            {
                if (++links > MaxSymlinks)
                    return null;
                Follow(link, pending, nodes, names);
                continue;
            }
            nodes.Add(node);
            names.Add(name);
        }
        return (nodes[^1], names);
    }

    private static void Follow(SymbolicLink link, Stack<FileName> pending, List<FileNode> nodes, List<FileName> names)
    {
        ReadOnlySpan<byte> target = link.Target;
        if (target.StartsWith("/"u8))
        {
            nodes.RemoveRange(1, nodes.Count - 1);
            names.Clear();
        }
        var parts = new List<FileName>();
        foreach (var range in target.Split((byte)'/'))
        {
            if (!target[range].IsEmpty && !target[range].SequenceEqual("."u8))
                parts.Add(FileName.Of(target[range]));
        }
        for (var i = parts.Count - 1; i >= 0; i--)
            pending.Push(parts[i]);
    }

    private static void Pop(List<FileNode> nodes, List<FileName> names)
    {
        if (names.Count == 0)
            return;
        nodes.RemoveAt(nodes.Count - 1);
        names.RemoveAt(names.Count - 1);
    }
}
