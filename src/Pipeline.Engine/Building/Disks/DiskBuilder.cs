using System.Collections.Immutable;
using Pipeline.Core.Blocks;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Engine.Building.Boot;
using Pipeline.Engine.Building.Labels;
using Pipeline.Engine.Building.Rootfs;

namespace Pipeline.Engine.Building.Disks;

/// <summary>A finished raw image.</summary>
internal sealed record BuiltDisk(string Path, long LengthBytes, ImmutableArray<Region> Map);

/// <summary>
/// From a root file system to a raw image: customise it, make it boot, split it at the mount points, place everything,
/// write everything. Nothing is written before all that can be refused was checked.
/// </summary>
internal static class DiskBuilder
{
    /// <param name="tree">Of this disk alone; it is changed and taken apart.</param>
    /// <returns>Null where the bag has the reason.</returns>
    public static BuiltDisk? Build(DiskJob job, FileTree tree, DiagnosticBag bag, CancellationToken ct)
    {
        var identity = DiskIdentity.Of(job.Board, job.Seed);
        var mounts = MountPoints.Of(job.Board, identity);
        using var files = new RepositoryFiles();
        RootfsCustomizer.Apply(new(job, tree, identity, mounts, files, bag));
        if (bag.HasErrors)
            return null;
        mounts = mounts.Resolve(tree);
        var blobs = new BlobSources(job, tree, files, bag).Find();
        var raw = PartitionContent.FindRaw(job.Board, tree, bag);
        var boot = new BootContext(job, tree, mounts, bag);
        BootInstaller.Install(boot);
        if (bag.HasErrors)
            return null;
        SelinuxLabels.Apply(job, tree, mounts, bag);
        ImmutableArray<PartitionContent> contents = [.. mounts.Split(tree, job.Clock).Zip(raw, (t, r) => new PartitionContent(t, r))];
        using var plan = DiskPlan.Make(job with { BootCode = boot.BootCode }, identity, contents, blobs, bag, ct);
        if (plan is null || bag.HasErrors)
            return null;
        var path = Path.Combine(job.Context.OutputDirectory, job.FileStem + ".img");
        using var activity = job.Context.Reporter.Begin($"write {job.FileStem}.img", plan.ContentBytes);
        DiskAssembler.Write(plan, job.Parallelism, path, activity, ct);
        return new(path, plan.Placement.DiskBytes, [.. plan.Map()]);
    }
}
