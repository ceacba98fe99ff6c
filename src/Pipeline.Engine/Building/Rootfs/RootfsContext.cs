using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Engine.Building.Disks;

namespace Pipeline.Engine.Building.Rootfs;

/// <summary>A root file system while it is being customised.</summary>
internal sealed record RootfsContext(
    DiskJob Job, FileTree Tree, DiskIdentity Identity, MountPoints Mounts, RepositoryFiles Files, DiagnosticBag Bag)
{
    public UnixTime Clock => Job.Clock;

    /// <summary>Runs a step; a parent that is a file, or a loop of links, becomes a complaint: the source is at odds with the manifest.</summary>
    /// <param name="span">Null blames the manifest as a whole.</param>
    public void Guarded(SourceSpan? span, string path, Action step)
    {
        try
        {
            step();
        }
        catch (IOException e) when (e.GetType() == typeof(IOException))
        {
            Bag.Add(BuildingRules.PathNotDirectory, span ?? Job.Target.Image.Span, path, e.Message);
        }
    }
}
