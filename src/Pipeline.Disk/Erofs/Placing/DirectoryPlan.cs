using Pipeline.Core.Files;
using Pipeline.Disk.Trees;
using static Pipeline.Disk.Erofs.ErofsFormat;

namespace Pipeline.Disk.Erofs.Placing;

/// <summary>The names of a directory with its dots, in byte order: readers halve blocks and then entries to find one.</summary>
internal static class DirectoryPlan
{
    private static readonly FileName[] Dots = [FileName.Of("."), FileName.Of("..")];

    /// <summary>Every name with the index of its node.</summary>
    public static IEnumerable<(FileName Name, int Index)> Entries(NodeMap nodes, DirectoryPlace directory)
    {
        int[] indices = [directory.Index, nodes.Directories[directory.Parent].Index];
        var dot = 0;
        foreach (var child in nodes.Children(directory))
        {
            for (; dot < Dots.Length && Dots[dot] < child.Name; dot++)
                yield return (Dots[dot], indices[dot]);
            yield return child;
        }
        for (; dot < Dots.Length; dot++)
            yield return (Dots[dot], indices[dot]);
    }

    /// <summary>The length of a directory: an entry and its name never leave their block; the last block ends with its last name.</summary>
    public static long LengthOf(NodeMap nodes, DirectoryPlace directory)
    {
        var length = 0L;
        foreach (var (name, _) in Entries(nodes, directory))
        {
            var bytes = DirectoryEntryBytes + name.Length;
            if (length % BlockBytes + bytes > BlockBytes)
                length = AlignToBlock(length);
            length += bytes;
        }
        return length;
    }

    /// <summary>The entries of each block.</summary>
    public static IEnumerable<List<(FileName Name, int Index)>> Blocks(NodeMap nodes, DirectoryPlace directory)
    {
        var block = new List<(FileName Name, int Index)>();
        var used = 0;
        foreach (var entry in Entries(nodes, directory))
        {
            var bytes = DirectoryEntryBytes + entry.Name.Length;
            if (used + bytes > BlockBytes)
            {
                yield return block;
                block.Clear();
                used = 0;
            }
            block.Add(entry);
            used += bytes;
        }
        yield return block;
    }
}
