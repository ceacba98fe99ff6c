using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Engine.Manifests.LinuxKit;

namespace Pipeline.Engine.Building.LinuxKit;

/// <summary>What the document writes into the root by itself: <c>files</c>.</summary>
internal sealed class SystemFiles(LinuxKitDocument document, FileTree root, DiagnosticBag bag)
{
    /// <summary>It is held in memory; larger things come in images.</summary>
    private const int MaxSourceBytes = 256 << 20;

    public void Add()
    {
        var ids = document.Ids;
        foreach (var file in document.Files)
        {
            var (uid, gid) = (LinuxKitChecks.Id(file.Uid, ids) ?? 0, LinuxKitChecks.Id(file.Gid, ids) ?? 0);
            try
            {
                Parents(file, uid, gid);
                Add(file, uid, gid);
            }
            catch (Exception e) when (e is InvalidDataException || e.GetType() == typeof(IOException))
            {
                bag.Add(LinuxKitBuildRules.Blocked, file.Span, file.Path, e.Message);
            }
        }
    }

    /// <summary>Directories that are missing are the owner's, and may be entered by who may read the file.</summary>
    private void Parents(LinuxKitFile file, uint uid, uint gid)
    {
        var path = "";
        foreach (var name in file.Path.Split('/', StringSplitOptions.RemoveEmptyEntries)[..^1])
        {
            path += "/" + name;
            if (root.Find(path) is not null)
                continue;
            var made = root.EnsureDirectory(path, ImageFilter.Clock);
            (made.Permissions, made.Uid, made.Gid) = (Enterable(file.Permissions), uid, gid);
        }
    }

    private static ushort Enterable(int permissions)
    {
        for (var shift = 0; shift <= 6; shift += 3)
        {
            if ((permissions >> shift & 7) != 0)
                permissions |= 1 << shift;
        }
        return (ushort)permissions;
    }

    private void Add(LinuxKitFile file, uint uid, uint gid)
    {
        // A directory that is there keeps what is in it.
        var node = file.Kind == LinuxKitFileKind.Directory && root.Find(file.Path) is DirectoryNode there ? there : Make(file);
        (node.Uid, node.Gid, node.Mtime) = (uid, gid, ImageFilter.Clock);
        if (node is not SymbolicLink)
            node.Permissions = file.Permissions;
        if (root.Find(file.Path) != node)
            root.Set(file.Path, node);
    }

    private FileNode Make(LinuxKitFile file) => file.Kind switch
    {
        LinuxKitFileKind.Directory => FileTree.NewDirectory(ImageFilter.Clock),
        LinuxKitFileKind.Link => ImageFilter.Link(file.Value),
        LinuxKitFileKind.Source => new RegularFile { Content = FileContent.Of(ReadSource(file.Value)) },
        LinuxKitFileKind.MetadataYaml => ImageFilter.File(document.Yaml),
        LinuxKitFileKind.MetadataJson => ImageFilter.File(document.Json),
        _ => ImageFilter.File(file.Value),
    };

    private static byte[] ReadSource(string path)
    {
        using var file = File.OpenRead(path);
        if (file.Length > MaxSourceBytes)
            throw new InvalidDataException($"the file has {file.Length} bytes, at most {MaxSourceBytes} are taken; put it into an image");
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }
}
