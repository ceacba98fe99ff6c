using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Building.Boot;
using Pipeline.Engine.Building.Disks;
using Pipeline.Engine.Building.Outputs;
using Pipeline.Engine.Manifests.Models;

namespace Pipeline.Engine.Building.LinuxKit;

/// <summary>Delivers a system of several containers in the ways that the manifest asks for.</summary>
internal static class LinuxKitOutputs
{
    /// <returns>Null where the bag has the reason.</returns>
    public static Artifact? Make(DiskJob job, LinuxKitSystem system, DiagnosticBag bag, CancellationToken ct)
    {
        var said = job with { SourceArguments = [.. ContainerArguments.Split(system.CommandLine)], IsRootInInitrd = true };
        var made = Disk(said, system, bag, ct);
        return made is null ? null : made with { Target = job.Target };
    }

    private static Artifact? Disk(DiskJob job, LinuxKitSystem system, DiagnosticBag bag, CancellationToken ct)
    {
        using var initrd = SystemInitrd.Pack(job, system, null, bag, ct);
        if (initrd is null)
            return null;
        var disk = DiskBuilder.Build(SystemRoot.ForDisk(job), BootTree.Make(job, system, initrd.Content), bag, ct);
        return disk is null ? null : OutputFiles.Make(job, disk, ct);
    }
}
