using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Engine.Building.Disks;
using Pipeline.Engine.Building.Rootfs;
using Pipeline.Engine.Manifests.Models;

namespace Pipeline.Engine.Building.LinuxKit;

/// <summary>The root of a system with what the manifest adds to it, whose files stay open until this is disposed; and what is left for its disk.</summary>
internal sealed class SystemRoot : IDisposable
{
    private readonly RepositoryFiles _files = new();

    private SystemRoot(FileTree tree) => Tree = tree;

    public FileTree Tree { get; }

    /// <param name="initPath">What the kernel will start.</param>
    /// <returns>With a tree of its own; null where the bag has the reason.</returns>
    public static SystemRoot? Customise(DiskJob job, LinuxKitSystem system, string initPath, DiagnosticBag bag)
    {
        var made = new SystemRoot(system.Root.Clone());
        var root = made.Tree;
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
        RootfsCustomizer.Apply(new(inside, root, identity, MountPoints.Of(inside.Board, identity), made._files, bag));
        if (root.Find(initPath, followLast: false) is null)
            bag.Add(LinuxKitBuildRules.NoInit, job.Target.Image.Source.Span, initPath);
        if (!bag.HasErrors)
            return made;
        made.Dispose();
        return null;
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

    public void Dispose() => _files.Dispose();

    private static DiskJob With(DiskJob job, Customization customization) =>
        job with { Target = job.Target with { Image = job.Target.Image with { Customization = customization } } };
}
