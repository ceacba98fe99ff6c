using System.Text;
using Pipeline.Core.Files;

namespace Pipeline.Kit;

/// <summary>A directory of the host as the tree that unpacking an image with those files would give.</summary>
public static class DirectoryTree
{
    public static FileTree Read(string rootPath)
    {
        var tree = new FileTree();
        foreach (var path in Directory.EnumerateFileSystemEntries(rootPath, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 }).Order(StringComparer.Ordinal))
        {
            var name = "/" + Path.GetRelativePath(rootPath, path);
            var info = new FileInfo(path);
            if (info.LinkTarget is { } target)
                tree.Set(name, new SymbolicLink { Target = Encoding.UTF8.GetBytes(target) });
            else if (Directory.Exists(path))
                tree.EnsureDirectory(name, UnixTime.Epoch);
            else
                tree.Set(name, new RegularFile { Permissions = 0b110_100_100, Content = FileContent.Of(File.ReadAllBytes(path)) });
        }
        return tree;
    }

    public static FileTree Of(params (string Path, string Text)[] files)
    {
        var tree = new FileTree();
        foreach (var (path, text) in files)
            tree.Set(path, new RegularFile { Permissions = 0b110_100_100, Content = FileContent.Of(Encoding.UTF8.GetBytes(text)) });
        return tree;
    }
}
