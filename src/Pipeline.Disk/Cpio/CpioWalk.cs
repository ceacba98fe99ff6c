using System.Text;
using Pipeline.Core.Files;

namespace Pipeline.Disk.Cpio;

/// <summary>
/// Goes through a tree in the order of an archive: a directory before what is in it, names in byte order. Paths are
/// bytes, relative to the root, which itself is ".". Nothing recurses, so depth costs no stack.
/// </summary>
internal sealed class CpioWalk(DirectoryNode root)
{
    private readonly Stack<Level> _levels = new();
    private byte[] _path = [(byte)'.'];
    private int _pathBytes = 1;
    private bool _isBegun;

    private sealed record Level(IReadOnlyList<KeyValuePair<FileName, FileNode>> Children, int PrefixBytes)
    {
        public int Next { get; set; }
    }

    public FileNode Node { get; private set; } = root;

    /// <summary>The last name of the path; empty for the root.</summary>
    public FileName Name { get; private set; }

    /// <summary>Whether the node lies in the root itself.</summary>
    public bool IsTop { get; private set; }

    /// <summary>Good until the next step.</summary>
    public ReadOnlySpan<byte> Path => _path.AsSpan(0, _pathBytes);

    /// <summary>For messages.</summary>
    public string Text => Name.Length == 0 ? "/" : "/" + Encoding.UTF8.GetString(Path);

    /// <summary>The first step stands on the root.</summary>
    public bool MoveNext()
    {
        if (!_isBegun)
        {
            _isBegun = true;
            _levels.Push(new(root.Children, 0));
            return true;
        }
        while (_levels.TryPeek(out var level))
        {
            if (level.Next == level.Children.Count)
            {
                _levels.Pop();
                continue;
            }
            (Name, Node) = level.Children[level.Next++];
            IsTop = _levels.Count == 1;
            Extend(level.PrefixBytes);
            if (Node is DirectoryNode directory)
                _levels.Push(new(directory.Children, _pathBytes + 1));
            return true;
        }
        return false;
    }

    /// <summary>Passes over what is in the directory that the walk stands on.</summary>
    public void PassOver() => _levels.Pop();

    private void Extend(int prefixBytes)
    {
        _pathBytes = prefixBytes + Name.Length;
        if (_path.Length < _pathBytes + 1)
            Array.Resize(ref _path, Math.Max(_pathBytes + 1, _path.Length * 2));
        Name.Bytes.CopyTo(_path.AsSpan(prefixBytes));
        _path[_pathBytes] = (byte)'/';
    }
}
