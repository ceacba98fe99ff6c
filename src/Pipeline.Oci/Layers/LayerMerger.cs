using System.Text;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;

namespace Pipeline.Oci.Layers;

/// <summary>Puts layers on top of each other, lowest first. image-spec, "Applying Changesets".</summary>
internal sealed class LayerMerger(DiagnosticBag bag)
{
    private readonly FileTree _tree = new();

    public FileTree Tree => _tree;

    /// <summary>
    /// First what the layer takes away from lower ones, then its entries in the order of the tar: the last one of a name
    /// wins. Its nodes become the tree's.
    /// </summary>
    public void Apply(LayerIndex layer)
    {
        var walker = new TreeWalker(_tree);
        Whiteouts.Apply(layer, walker);
        foreach (var entry in layer.Entries)
        {
            if (entry.Kind is EntryKind.Node or EntryKind.HardLink)
                Place(layer, entry, walker);
        }
    }

    private void Place(LayerIndex layer, LayerEntry entry, TreeWalker walker)
    {
        if (entry.Path.Length == 0)
        {
            PlaceRoot(layer, entry);
            return;
        }
        var parent = walker.EnsureDirectory(TarPath.Parent(entry.Path), out var failure);
        if (parent is null)
        {
            Refuse(layer, entry, failure);
            return;
        }
        var node = entry.Kind == EntryKind.Node ? entry.Node! : FindTarget(layer, entry, walker);
        if (node is null)
            return;
        var name = FileName.Of(TarPath.Name(entry.Path));
        var existing = parent.Find(name);
        if (existing is DirectoryNode old && node is DirectoryNode renewed)
        {
            CopyMetadata(renewed, old);
            return;
        }
        if (existing is DirectoryNode or SymbolicLink)
            walker.Forget();
        parent.Set(name, node);
    }

    private void PlaceRoot(LayerIndex layer, LayerEntry entry)
    {
        if (entry.Node is DirectoryNode root)
            CopyMetadata(root, _tree.Root);
        else
            Complain(LayerRules.BadName, layer, entry, "takes the place of the root directory");
    }

    private FileNode? FindTarget(LayerIndex layer, LayerEntry entry, TreeWalker walker)
    {
        var target = walker.Find(entry.LinkTarget);
        if (target is null)
            Complain(LayerRules.LinkTargetMissing, layer, entry, Encoding.UTF8.GetString(entry.LinkTarget!));
        else if (target is DirectoryNode)
            Complain(LayerRules.LinkToDirectory, layer, entry, Encoding.UTF8.GetString(entry.LinkTarget!));
        return target is DirectoryNode ? null : target;
    }

    private void Refuse(LayerIndex layer, LayerEntry entry, WalkFailure failure)
    {
        if (failure == WalkFailure.TooDeep)
            Complain(LayerRules.TooDeep, layer, entry, LayerLimits.Depth);
        else
            Complain(failure == WalkFailure.LinkLoop ? LayerRules.LinkLoop : LayerRules.ParentNotDirectory, layer, entry);
    }

    private void Complain(Rule rule, LayerIndex layer, LayerEntry entry, params ReadOnlySpan<object?> arguments)
    {
        if (bag.Count < LayerLimits.Complaints)
            bag.Add(rule, null, [layer.Name, TarPath.Show(entry.Path), .. arguments]);
    }

    private static void CopyMetadata(FileNode from, FileNode to)
    {
        to.Permissions = from.Permissions;
        to.Uid = from.Uid;
        to.Gid = from.Gid;
        to.Mtime = from.Mtime;
        to.Xattrs = from.Xattrs;
    }
}
