using Pipeline.Core.Files;
using Pipeline.Engine.Building.Disks;

namespace Pipeline.Engine.Building.Boot;

/// <summary>Files of a tree on their way to where a boot loader can read them.</summary>
internal static class BootFiles
{
    /// <summary>A copy of what <paramref name="from"/> names (links followed) under another name; contents are shared, not read.</summary>
    public static void Copy(BootContext context, string from, string to)
    {
        var copy = (RegularFile)context.Tree.Find(from)!.CloneAlone();
        context.Tree.Set(context.Spelled(to), copy);
    }

    /// <summary>Copies a folder's regular files, following links, and its folders; what FAT cannot hold is left out.</summary>
    public static void CopyFolder(BootContext context, string from, string to)
    {
        if (context.Tree.Find(from) is not DirectoryNode folder)
            return;
        foreach (var (name, node) in folder.Children)
        {
            if (node is DirectoryNode)
                CopyFolder(context, $"{from}/{name}", $"{to}/{name}");
            else if (context.Tree.Find($"{from}/{name}") is RegularFile)
                Copy(context, $"{from}/{name}", $"{to}/{name}");
        }
    }

    /// <summary>
    /// The path of a file as the loader sees it on <paramref name="place"/>; a file that lies on another partition is
    /// copied there, into a folder of its version.
    /// </summary>
    public static string On(BootContext context, MountPoint place, string path, string version)
    {
        if (context.Mounts.Holding(path)?.Index == place.Index)
            return place.Inside(path);
        var name = path[(path.LastIndexOf('/') + 1)..];
        var target = $"{place.Path.TrimEnd('/')}/{(place.Path == "/" ? "boot/" : "")}{version}/{name}";
        Copy(context, path, target);
        return place.Inside(target);
    }
}
