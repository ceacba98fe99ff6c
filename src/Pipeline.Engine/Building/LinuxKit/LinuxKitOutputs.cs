using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Engine.Building.Boot;
using Pipeline.Engine.Building.Disks;
using Pipeline.Engine.Manifests.Models;

namespace Pipeline.Engine.Building.LinuxKit;

/// <summary>
/// Delivers a system of several containers in the ways that the manifest asks for. On every medium the whole root is the
/// initrd, as in LinuxKit: no driver is needed to find it, and nothing changes it.
/// </summary>
internal static class LinuxKitOutputs
{
    /// <param name="deliver">Makes a disk, a live medium, an ISO or the files of a network boot of a tree that has a kernel and an initrd.</param>
    /// <returns>Null where the bag has the reason.</returns>
    public static Artifact? Make(DiskJob job, LinuxKitSystem system, Func<DiskJob, FileTree, Artifact?> deliver, DiagnosticBag bag, CancellationToken ct)
    {
        var output = job.Target.Output with { Live = job.Target.Output.Live with { Root = LiveRootKind.Initrd } };
        var inside = job with
        {
            SourceArguments = [.. ContainerArguments.Split(system.CommandLine)],
            IsRootInInitrd = true,
            Target = job.Target with { Output = output },
        };
        var made = output.Kind switch
        {
            OutputKind.KernelInitrd or OutputKind.TarKernelInitrd => KernelFiles.WithInitrd(inside, system, bag, ct),
            OutputKind.KernelSquashfs => KernelFiles.WithSquashfs(inside, system, bag, ct),
            _ => OnMedium(inside, system, deliver, bag, ct),
        };
        return made is null ? null : made with { Target = job.Target };
    }

    private static Artifact? OnMedium(DiskJob job, LinuxKitSystem system, Func<DiskJob, FileTree, Artifact?> deliver, DiagnosticBag bag, CancellationToken ct)
    {
        using var root = SystemRoot.Customise(job, system, SystemInitrd.InitPath, bag);
        using var initrd = root is null ? null : SystemInitrd.Pack(job, system, root.Tree, bag, ct);
        return initrd is null ? null : deliver(SystemRoot.ForDisk(job), BootTree.Make(job, system with { Root = root!.Tree }, initrd.Content));
    }
}
