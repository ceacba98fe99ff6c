using Pipeline.Core.Files;

namespace Pipeline.Engine.Building.LinuxKit;

/// <summary>
/// Unpacks one tree over another. A directory that meets a link to a directory goes where the link leads, and a link
/// that meets a directory takes its place and gets its files: a root whose <c>/lib</c> is <c>usr/lib</c> keeps the
/// modules that a kernel brought in <c>/lib</c>, in whatever order the two come.
/// </summary>
internal static class TreeOverlay
{
    /// <param name="upper">Of a single use: its nodes become the root's.</param>
    /// <exception cref="IOException">A path is no directory where it must be one.</exception>
    public static void Lay(FileTree root, FileTree upper)
    {
        var displaced = new List<(string Path, DirectoryNode Directory)>();
        CopyMetadata(upper.Root, root.Root);
        LayOver(root, root.Root, "", upper.Root, displaced);
        foreach (var (path, directory) in displaced)
            LayUnder(root, root.EnsureDirectory(path, directory.Mtime), path, directory);
    }

    private static void LayOver(FileTree root, DirectoryNode below, string path, DirectoryNode above, List<(string, DirectoryNode)> displaced)
    {
        foreach (var (name, node) in above.Children)
        {
            var here = $"{path}/{name}";
            var old = below.Find(name);
            if (node is DirectoryNode directory && Existing(root, old, here) is { } target)
            {
                if (old is DirectoryNode)
                    CopyMetadata(directory, target);
                LayOver(root, target, here, directory, displaced);
                continue;
            }
            if (node is SymbolicLink && old is DirectoryNode lost)
                displaced.Add((here, lost));
            below.Set(name, node);
        }
    }

    /// <summary>What was there before goes where there is room: it never covers what came later.</summary>
    private static void LayUnder(FileTree root, DirectoryNode place, string path, DirectoryNode older)
    {
        foreach (var (name, node) in older.Children)
        {
            var here = $"{path}/{name}";
            var newer = place.Find(name);
            if (newer is null)
                place.Set(name, node);
            else if (node is DirectoryNode directory && Existing(root, newer, here) is { } target)
                LayUnder(root, target, here, directory);
        }
    }

    private static DirectoryNode? Existing(FileTree root, FileNode? node, string path) =>
        node as DirectoryNode ?? (node is SymbolicLink ? root.Find(path) as DirectoryNode : null);

    private static void CopyMetadata(FileNode from, FileNode to)
    {
        to.Permissions = from.Permissions;
        to.Uid = from.Uid;
        to.Gid = from.Gid;
        to.Mtime = from.Mtime;
        to.Xattrs = from.Xattrs;
    }
}
