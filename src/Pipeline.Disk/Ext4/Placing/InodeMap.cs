using Pipeline.Core.Files;
using Pipeline.Disk.Ext4.Directories;
using Pipeline.Disk.Trees;
using static Pipeline.Disk.Ext4.Ext4Format;

namespace Pipeline.Disk.Ext4.Placing;

/// <summary>
/// Who gets which inode number: the root its own, everything else a number from 11 on, without gaps. Where the tree has no
/// lost+found it is made, and has the first of them.
/// </summary>
internal sealed class InodeMap
{
    private readonly NodeMap _map;

    /// <param name="badName">Told the path and the length of every name that cannot be kept.</param>
    public InodeMap(FileTree tree, UnixTime clock, Action<string, int> badName)
    {
        (FileName, DirectoryNode)? made = tree.Root.Find(LostAndFoundName) is null
            ? (LostAndFoundName, new DirectoryNode { Permissions = 0b111_000_000, Mtime = clock })
            : null;
        _map = new(tree, badName, made);
    }

    public static FileName LostAndFoundName { get; } = FileName.Of("lost+found");

    public NodeMap Map => _map;

    /// <summary>Index 0 is the root; <see cref="InodeOf"/> makes an inode number of an index.</summary>
    public IReadOnlyList<FileNode> Nodes => _map.Nodes;

    public IReadOnlyList<DirectoryPlace> Directories => _map.Directories;

    /// <summary>The one that is made where the tree has none; null where it has.</summary>
    public DirectoryPlace? LostAndFound => _map.Extra;

    /// <summary>The highest inode number; all below it are in use.</summary>
    public int LastInode => InodeOf(_map.Nodes.Count - 1);

    public static int InodeOf(int index) => index == 0 ? RootInode : FirstInode - 1 + index;

    /// <summary>How many names a node has; for a directory 2 and its subdirectories.</summary>
    public uint Links(int index) => _map.Links(index);

    /// <summary>The names of a directory without its dots, in byte order.</summary>
    public IEnumerable<DirectoryEntry> Entries(DirectoryPlace directory)
    {
        foreach (var (name, index) in _map.Children(directory))
            yield return new(name, InodeOf(index), LinuxNode.TypeOf(_map.Nodes[index]));
    }
}
