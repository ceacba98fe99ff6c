using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using static Pipeline.Disk.Iso.IsoFormat;

namespace Pipeline.Disk.Iso.Placing;

/// <summary>One name in a directory.</summary>
/// <param name="Directory">Null where the node is no directory.</param>
internal sealed record IsoEntry(FileName Name, FileNode Node, IsoDirectory? Directory);

/// <summary>A directory of the tree, before it has names of any kind.</summary>
internal sealed class IsoDirectory(DirectoryNode node)
{
    public DirectoryNode Node => node;

    /// <summary>In the byte order of their names.</summary>
    public List<IsoEntry> Entries { get; } = [];

    public int Subdirectories { get; set; }
}

/// <summary>What a tree holds: every directory, every node with its number and its links. Nothing recurses.</summary>
internal sealed class IsoTree
{
    private readonly Dictionary<FileNode, int> _serials = new(ReferenceEqualityComparer.Instance);
    private readonly List<int> _links = [];
    private readonly List<IsoDirectory> _directories = [];

    public IsoTree(FileTree tree, SourceSpan? span, DiagnosticBag bag)
    {
        var pending = new Queue<(IsoDirectory Directory, string Path)>();
        pending.Enqueue((Add(tree.Root), ""));
        var withXattrs = 0;
        while (pending.TryDequeue(out var next))
        {
            foreach (var (name, node) in next.Directory.Node.Children)
            {
                var path = $"{next.Path}/{name}";
                Check(path, name, node, span, bag);
                withXattrs += node.Xattrs.Count > 0 ? 1 : 0;
                var directory = node is DirectoryNode child ? Add(child) : null;
                if (directory is null)
                    Count(node);
                else
                    pending.Enqueue((directory, path));
                next.Directory.Entries.Add(new(name, node, directory));
                next.Directory.Subdirectories += directory is null ? 0 : 1;
            }
        }
        if (_directories.Count > MaxDirectories)
            bag.Add(IsoRules.TooManyDirectories, span, _directories.Count);
        if (withXattrs > 0)
            bag.Add(IsoRules.ForeignXattrs, span, withXattrs);
    }

    /// <summary>The root first, then level by level.</summary>
    public IReadOnlyList<IsoDirectory> Directories => _directories;

    /// <summary>The number of a node, from 1.</summary>
    public int Serial(FileNode node) => _serials[node];

    /// <summary>How many names a node has; a directory 2 and its subdirectories.</summary>
    public int Links(IsoDirectory? directory, FileNode node) => directory is null ? _links[_serials[node] - 1] : 2 + directory.Subdirectories;

    private IsoDirectory Add(DirectoryNode node)
    {
        if (_serials.ContainsKey(node))
            throw new ArgumentException("a directory is in the tree twice");
        Count(node);
        _directories.Add(new(node));
        return _directories[^1];
    }

    private void Count(FileNode node)
    {
        if (_serials.TryAdd(node, _links.Count + 1))
            _links.Add(1);
        else
            _links[_serials[node] - 1]++;
    }

    private static void Check(string path, FileName name, FileNode node, SourceSpan? span, DiagnosticBag bag)
    {
        if (name.Length is 0 or > MaxNameBytes || name.Bytes.ContainsAny((byte)0, (byte)'/') || name.Bytes.SequenceEqual("."u8) || name.Bytes.SequenceEqual(".."u8))
            bag.Add(IsoRules.BadName, span, path, name.Length);
        if (node is SymbolicLink link && (link.Target.Length is 0 or > MaxTargetBytes || link.Target.AsSpan().Contains((byte)0)))
            bag.Add(IsoRules.BadTarget, span, path, link.Target.Length);
        if (node is RegularFile file && file.Content.LengthBytes > MaxSections * MaxSectionBytes)
            bag.Add(IsoRules.FileTooLong, span, path, file.Content.LengthBytes, MaxSections * MaxSectionBytes);
    }
}
