using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Oci.Layers;

namespace Pipeline.Oci.Storing;

/// <summary>
/// A layer as a directory that overlayfs lays over others: what it takes away is a device 0:0 of that name, a directory
/// that hides all below it says so in an attribute. Documentation/filesystems/overlayfs.rst, "whiteouts and opaque directories".
/// </summary>
internal static class LayerDelta
{
    private const string OpaqueName = "trusted.overlay.opaque";

    /// <summary>What a store gives the root of a layer that says nothing of it.</summary>
    private const ushort RootPermissions = 0b101_101_101;

    /// <param name="below">The lower layers, the lowest first.</param>
    public static FileTree Make(LayerIndex layer, IReadOnlyList<FileTree> below, DiagnosticBag bag)
    {
        var merger = new LayerMerger(bag);
        merger.Apply(layer with { Entries = WithCopies(layer, below) });
        var walker = new TreeWalker(merger.Tree);
        foreach (var entry in layer.Entries)
        {
            if (entry.Kind == EntryKind.Whiteout)
                TakeAway(walker, entry.Path);
            else if (entry.Kind == EntryKind.Opaque && walker.EnsureDirectory(entry.Path, out _) is { } directory)
                Hide(directory);
        }
        Complete(merger.Tree, layer, below);
        return merger.Tree;
    }

    /// <summary>A directory alone cannot link to a file of another one: it gets a copy.</summary>
    private static List<LayerEntry> WithCopies(LayerIndex layer, IReadOnlyList<FileTree> below)
    {
        var own = new HashSet<FileName>();
        var entries = new List<LayerEntry>(layer.Entries.Count);
        foreach (var entry in layer.Entries)
        {
            var isForeign = entry.Kind == EntryKind.HardLink && !own.Contains(new(entry.LinkTarget!));
            var found = isForeign ? FindBelow(below, entry.LinkTarget!) : null;
            entries.Add(found is null or DirectoryNode ? entry : entry with { Kind = EntryKind.Node, Node = found.CloneAlone(), LinkTarget = null });
            if (entry.Kind is EntryKind.Node or EntryKind.HardLink)
                own.Add(new(entry.Path));
        }
        return entries;
    }

    private static void TakeAway(TreeWalker walker, byte[] path)
    {
        if (walker.EnsureDirectory(TarPath.Parent(path), out _) is not { } parent)
            return;
        var name = FileName.Of(TarPath.Name(path));
        var existing = parent.Find(name);
        // What the layer puts in the same place stands; a directory must not let the old one shine through.
        if (existing is DirectoryNode replaced)
            Hide(replaced);
        else if (existing is null)
            parent.Set(name, new SpecialFile { Kind = SpecialKind.CharacterDevice });
    }

    private static void Hide(DirectoryNode directory)
    {
        if (!directory.Xattrs.Any(x => x.Name == OpaqueName))
            directory.Xattrs = [.. directory.Xattrs.Append(new(OpaqueName, "y"u8.ToArray())).OrderBy(x => x.Name, StringComparer.Ordinal)];
    }

    /// <summary>Directories that the tar passed over look as they do below, because the upper one's owner and mode are what is seen.</summary>
    private static void Complete(FileTree tree, LayerIndex layer, IReadOnlyList<FileTree> below)
    {
        var said = layer.Entries.Where(e => e.Node is DirectoryNode).Select(e => new FileName(e.Path)).ToHashSet();
        if (!said.Contains(new([])) && !Copy(FindBelow(below, []), tree.Root))
            tree.Root.Permissions = RootPermissions;
        CompleteBelow(tree.Root, []);

        void CompleteBelow(DirectoryNode directory, byte[] path)
        {
            foreach (var (name, child) in directory.Children)
            {
                if (child is not DirectoryNode known)
                    continue;
                byte[] place = path.Length == 0 ? [.. name.Bytes] : [.. path, (byte)'/', .. name.Bytes];
                if (!said.Contains(new(place)))
                    Copy(FindBelow(below, place), known);
                CompleteBelow(known, place);
            }
        }
    }

    private static bool Copy(FileNode? from, DirectoryNode to)
    {
        if (from is not DirectoryNode)
            return false;
        (to.Permissions, to.Uid, to.Gid, to.Mtime) = (from.Permissions, from.Uid, from.Gid, from.Mtime);
        to.Xattrs = [.. from.Xattrs.Where(x => x.Name != OpaqueName).Concat(to.Xattrs).OrderBy(x => x.Name, StringComparer.Ordinal)];
        return true;
    }

    /// <summary>The highest layer that has something there.</summary>
    private static FileNode? FindBelow(IReadOnlyList<FileTree> below, byte[] path)
    {
        for (var i = below.Count - 1; i >= 0; i--)
        {
            if (new TreeWalker(below[i]).Find(path) is { } found)
                return found;
        }
        return null;
    }
}
