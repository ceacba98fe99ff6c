using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Engine.Building.Disks;
using Pipeline.Engine.Building.Rootfs;
using Pipeline.Engine.Manifests.Models;

namespace Pipeline.Engine.Building.LinuxKit;

/// <summary>What the manifest adds to the root of a system, and what is left for its disk.</summary>
internal static class SystemRoot
{
    /// <param name="initPath">What the kernel will start.</param>
    /// <returns>A tree of its own; null where the bag has the reason.</returns>
    public static FileTree? Customise(DiskJob job, LinuxKitSystem system, string initPath, DiagnosticBag bag)
    {
        var root = system.Root.Clone();
        // LinuxKit mounts by itself, and most of its roots have no machine id that could be reset.
        var customization = job.Customization with
        {
            Fstab = FstabPolicy.Keep,
            GrowOnFirstBoot = false,
            ResetMachineId = job.Customization.ResetMachineId && root.Find("/etc/machine-id") is RegularFile,
        };
        var inside = With(job, customization);
        inside = inside with { Target = inside.Target with { Board = job.Board with { Partitions = [], Blobs = [] } } };
        var identity = DiskIdentity.Of(inside.Board, job.Seed);
        using var files = new RepositoryFiles();
        RootfsCustomizer.Apply(new(inside, root, identity, MountPoints.Of(inside.Board, identity), files, bag));
        if (root.Find(initPath, followLast: false) is null)
            bag.Add(LinuxKitBuildRules.NoInit, job.Target.Image.Source.Span, initPath);
        return bag.HasErrors ? null : root;
    }

    /// <summary>What concerns the root is done; kernel arguments and room are the disk's.</summary>
    public static DiskJob ForDisk(DiskJob job) => With(job, new()
    {
        KernelArguments = job.Customization.KernelArguments,
        FreeSpace = job.Customization.FreeSpace,
        Fstab = FstabPolicy.Keep,
        GrowOnFirstBoot = false,
        ResetMachineId = false,
    });

    private static DiskJob With(DiskJob job, Customization customization) =>
        job with { Target = job.Target with { Image = job.Target.Image with { Customization = customization } } };
}
