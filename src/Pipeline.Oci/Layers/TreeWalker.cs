using Pipeline.Core.Files;

namespace Pipeline.Oci.Layers;

/// <summary>Whether a path may be followed through the link that lies at <paramref name="linkPath"/>, a prefix of it.</summary>
internal delegate bool IsLinkReplaced(ReadOnlySpan<byte> linkPath);

/// <summary>Why a directory could not be had.</summary>
internal enum WalkFailure
{
    None,
    NotDirectory,
    LinkLoop,
    TooDeep,
}

/// <summary>
/// Finds and makes directories in a tree, through symbolic links, which are resolved inside the tree: ".." stops at the
/// root, absolute targets begin there. Entries of a tar come in the order of directories, so the last one is remembered.
/// </summary>
internal sealed class TreeWalker(FileTree tree)
{
    private readonly List<DirectoryNode> _way = [];
    private readonly Stack<FileName> _pending = new();
    private byte[]? _lastPath;
    private DirectoryNode? _lastDirectory;

    /// <summary>The directory at a path, or null. Links are followed until one that <paramref name="isReplaced"/> names.</summary>
    public DirectoryNode? FindDirectory(ReadOnlySpan<byte> path, IsLinkReplaced? isReplaced = null) => Walk(path, false, isReplaced, out _);

    /// <summary>The same; what is missing is made (root:root, 0755, epoch), also where a link leads to nothing.</summary>
    public DirectoryNode? EnsureDirectory(ReadOnlySpan<byte> path, out WalkFailure failure)
    {
        failure = WalkFailure.None;
        if (_lastPath is not null && path.SequenceEqual(_lastPath))
            return _lastDirectory;
        var directory = Walk(path, true, null, out failure);
        if (directory is not null)
            (_lastPath, _lastDirectory) = (path.ToArray(), directory);
        return directory;
    }

    /// <summary>What a path names, its last name not followed; or null.</summary>
    public FileNode? Find(ReadOnlySpan<byte> path) =>
        path.IsEmpty ? tree.Root : FindDirectory(TarPath.Parent(path))?.Find(FileName.Of(TarPath.Name(path)));

    /// <summary>Must be called when a directory or a link was replaced: paths may lead elsewhere now.</summary>
    public void Forget() => _lastPath = null;

    private DirectoryNode? Walk(ReadOnlySpan<byte> path, bool isMaking, IsLinkReplaced? isReplaced, out WalkFailure failure)
    {
        failure = WalkFailure.None;
        _way.Clear();
        _way.Add(tree.Root);
        _pending.Clear();
        Push(path);
        var links = 0;
        var done = 0;   // how many names of the path itself were passed, as long as no link was followed
        while (_pending.TryPop(out var name))
        {
            if (name.Bytes.SequenceEqual(".."u8))
            {
                if (_way.Count > 1)
                    _way.RemoveAt(_way.Count - 1);
                continue;
            }
            done += name.Length + 1;
            var node = _way[^1].Find(name);
            if (node is null && !isMaking)
                return null;
            if (node is SymbolicLink link)
            {
                if (links == 0 && isReplaced is not null && isReplaced(path[..(done - 1)]))
                    return null;
                if (++links > FileTree.MaxSymlinks)
                    failure = WalkFailure.LinkLoop;
                Follow(link);
            }
            else if (node is null or DirectoryNode)
            {
                _way.Add(node as DirectoryNode ?? Make(name));
                if (_way.Count > LayerLimits.Depth)
                    failure = WalkFailure.TooDeep;
            }
            else
            {
                failure = WalkFailure.NotDirectory;
            }
            if (failure != WalkFailure.None)
                return null;
        }
        return _way[^1];
    }

    private DirectoryNode Make(FileName name)
    {
        var made = FileTree.NewDirectory(UnixTime.Epoch);
        _way[^1].Set(name, made);
        return made;
    }

    private void Follow(SymbolicLink link)
    {
        if (link.Target[0] == (byte)'/')
            _way.RemoveRange(1, _way.Count - 1);
        Push(link.Target);
    }

    private void Push(ReadOnlySpan<byte> path)
    {
        while (!path.IsEmpty)
        {
            var name = TarPath.Name(path);
            path = TarPath.Parent(path);
            if (!name.IsEmpty && !name.SequenceEqual("."u8))
                _pending.Push(FileName.Of(name));
        }
    }
}
