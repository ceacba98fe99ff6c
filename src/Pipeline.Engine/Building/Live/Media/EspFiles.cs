using System.Text;
using Pipeline.Core.Files;
using Pipeline.Engine.Building.Boot;

namespace Pipeline.Engine.Building.Live.Media;

/// <summary>
/// The files of a system partition while they are gathered. FAT does not tell cases apart: a path is spelled as its parts
/// are spelled that are there already.
/// </summary>
internal sealed class EspFiles(UnixTime clock)
{
    public FileTree Tree { get; } = new(FileTree.NewDirectory(clock));

    /// <summary>As it is spelled, or null.</summary>
    public string? Find(string path) => UefiFiles.FindIgnoringCase(Tree, path);

    public void Set(string path, FileContent content)
    {
        var spelled = "";
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
            spelled = Find($"{spelled}/{part}") ?? $"{spelled}/{part}";
        Tree.Set(spelled, new RegularFile { Content = content, Permissions = 0b110_100_100, Mtime = clock });
    }

    public void Set(string path, string text) => Set(path, FileContent.Of(Encoding.UTF8.GetBytes(text)));

    /// <summary>The regular files below a folder of another tree, links followed; what FAT cannot hold stays behind, and so does what is there already.</summary>
    public void CopyFolder(FileTree from, string folder, string to)
    {
        if (from.Find(folder) is not DirectoryNode directory)
            return;
        foreach (var (name, node) in directory.Children)
        {
            var place = $"{to}/{name}";
            if (node is DirectoryNode)
                CopyFolder(from, $"{folder}/{name}", place);
            else if (from.Find($"{folder}/{name}") is RegularFile file && Find(place) is null)
                Set(place, file.Content);
        }
    }

    public void Remove(string path)
    {
        if (Find(path) is { } spelled)
            Tree.Remove(spelled);
    }

    /// <summary>Names of the folders in a folder.</summary>
    public IEnumerable<string> Folders(string path) => Find(path) is { } spelled && Tree.Find(spelled) is DirectoryNode directory
        ? directory.Children.Where(c => c.Value is DirectoryNode).Select(c => c.Key.ToString())
        : [];
}
