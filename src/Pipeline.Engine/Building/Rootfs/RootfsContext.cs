using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Engine.Building.Disks;

namespace Pipeline.Engine.Building.Rootfs;

/// <summary>A root file system while it is being customised.</summary>
internal sealed record RootfsContext(DiskJob Job, FileTree Tree, MountPoints Mounts, RepositoryFiles Files, DiagnosticBag Bag)
{
    public UnixTime Clock => Job.Clock;
}
