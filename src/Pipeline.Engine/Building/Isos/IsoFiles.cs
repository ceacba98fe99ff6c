using System.Text;
using Pipeline.Core.Files;

namespace Pipeline.Engine.Building.Isos;

/// <summary>The files of an ISO, or of the FAT image on it, while they are gathered. All are root's and of the build's time.</summary>
internal sealed class IsoFiles(UnixTime clock)
{
    public FileTree Tree { get; } = new(FileTree.NewDirectory(clock));

    public void Set(string path, FileContent content) =>
        Tree.Set(path, new RegularFile { Content = content, Permissions = 0b110_100_100, Mtime = clock });

    public void Set(string path, string text) => Set(path, FileContent.Of(Encoding.UTF8.GetBytes(text)));

    public bool Has(string path) => Tree.Find(path) is not null;

    /// <summary>A file of another tree, links followed.</summary>
    /// <returns>Whether there was one.</returns>
    public bool Copy(FileTree from, string? path, string to)
    {
        if (path is null || from.Find(path) is not RegularFile file)
            return false;
        Set(to, file.Content);
        return true;
    }
}
