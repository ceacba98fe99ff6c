using System.Text;
using Pipeline.Core.Files;

namespace Pipeline.Engine.Building.Rootfs;

/// <summary>Directories of a tree that may stand behind links whose ends are made at boot: <c>/root</c> is <c>var/roothome</c> on ostree systems.</summary>
internal static class TreeFolders
{
    /// <summary>The directory at a path, made where it is missing, also where a link on the way leads to nothing yet.</summary>
    /// <exception cref="IOException">Something on the path is a file, or the links make a loop.</exception>
    public static DirectoryNode Ensure(FileTree tree, string path, UnixTime clock)
    {
        for (var links = 0; links < FileTree.MaxSymlinks; links++)
        {
            if (DanglingLink(tree, path) is not { } dangling)
                return tree.EnsureDirectory(path, clock);
            tree.EnsureDirectory(dangling, clock);
        }
        throw new IOException($"{path} has too many links that lead to nothing");
    }

    /// <summary>Where the first link on the path that leads to nothing leads to; null where none does.</summary>
    private static string? DanglingLink(FileTree tree, string path)
    {
        var place = "";
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            var parent = place.Length == 0 ? "/" : place;
            place += "/" + part;
            if (tree.Find(place) is null && tree.Find(place, followLast: false) is SymbolicLink link)
            {
                var target = Encoding.UTF8.GetString(link.Target);
                return target.StartsWith('/') ? target : $"{tree.RealPath(parent)}/{target}";
            }
        }
        return null;
    }
}
