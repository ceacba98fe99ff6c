using System.Text;
using Pipeline.Core.Files;
using Pipeline.Engine.Manifests.Models;

namespace Pipeline.Engine.Building.Rootfs;

/// <summary>Puts the files, links and directories of a manifest into the tree.</summary>
internal static class ExtraFiles
{
    private const ushort FileMode = 0b110_100_100;
    private const ushort DirectoryMode = 0b111_101_101;
    private const ushort LinkMode = 0b111_111_111;

    public static void Add(RootfsContext context, ExtraFile file)
    {
        var owners = new AccountsEditor(context);
        if (owners.OwnerId(file) is not { } uid || owners.GroupId(file) is not { } gid || Make(context, file) is not { } node)
            return;
        node.Uid = uid;
        node.Gid = gid;
        node.Mtime = context.Clock;
        if (node is DirectoryNode)
            AddDirectory(context, file.Path, node);
        else if (context.Tree.Find(file.Path, followLast: false) is DirectoryNode)
            throw new IOException("it is a directory of the source");
        else
            Set(context, file.Path, node);
    }

    private static void Set(RootfsContext context, string path, FileNode node)
    {
        var slash = path.LastIndexOf('/');
        TreeFolders.Ensure(context.Tree, path[..slash], context.Clock).Set(FileName.Of(path[(slash + 1)..]), node);
    }

    /// <summary>A directory that is there keeps its children.</summary>
    private static void AddDirectory(RootfsContext context, string path, FileNode wanted)
    {
        var directory = TreeFolders.Ensure(context.Tree, path, context.Clock);
        (directory.Permissions, directory.Uid, directory.Gid) = (wanted.Permissions, wanted.Uid, wanted.Gid);
    }

    private static FileNode? Make(RootfsContext context, ExtraFile file)
    {
        if (file.LinkTarget is { } target)
            return new SymbolicLink { Target = Encoding.UTF8.GetBytes(target), Permissions = LinkMode };
        if (file.Text is { } text)
            return new RegularFile { Content = FileContent.Of(Encoding.UTF8.GetBytes(text)), Permissions = file.Permissions ?? FileMode };
        if (file.SourcePath is not { } path)
            return new DirectoryNode { Permissions = file.Permissions ?? DirectoryMode };
        if (context.Files.Open(path) is not { } content)
        {
            context.Bag.Add(BuildingRules.OutsideFile, file.Span, path);
            return null;
        }
        return new RegularFile { Content = content, Permissions = file.Permissions ?? (IsExecutable(path) ? DirectoryMode : FileMode) };
    }

    private static bool IsExecutable(string path) =>
        !OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & UnixFileMode.UserExecute) != 0;
}
