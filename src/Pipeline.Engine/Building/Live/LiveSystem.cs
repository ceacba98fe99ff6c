using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Engine.Building.Boot;
using Pipeline.Engine.Building.Disks;
using Pipeline.Engine.Building.Live.Payloads;
using Pipeline.Engine.Building.Rootfs;
using Pipeline.Engine.Manifests.Models;

namespace Pipeline.Engine.Building.Live;

/// <summary>
/// What every live output is made of: one source, customised, with its kernels, each paired with its own initrd. Making
/// one is quick and refuses what can be refused; packing the root (<see cref="LiveRoot.Pack"/>) comes after all other
/// checks and takes long. Disposed when the output is written.
/// </summary>
internal sealed class LiveSystem : IDisposable
{
    private readonly RepositoryFiles _files = new();

    private LiveSystem(DiskJob job, FileTree tree, DiagnosticBag bag)
    {
        // The medium has another layout than the board: nothing of the board is mounted in a live system.
        Job = job with { Target = job.Target with { Board = job.Board with { Partitions = [], Blobs = [] } } };
        Identity = DiskIdentity.Of(Job.Board, Job.Seed);
        Boot = new(Job, tree, MountPoints.Of(Job.Board, Identity), bag);
    }

    /// <summary>Its board has the platform, the sector size and the kernel arguments, and no partitions.</summary>
    public DiskJob Job { get; }

    /// <summary>For file names, kernel arguments, device trees and the system's name.</summary>
    public BootContext Boot { get; }

    public DiskIdentity Identity { get; }

    /// <summary>The whole system, customised. Packing the root changes it.</summary>
    public FileTree Tree => Boot.Tree;

    public DiagnosticBag Bag => Boot.Bag;

    public LiveOptions Options => Job.Target.Output.Live;

    /// <summary>Where the output was asked for.</summary>
    public SourceSpan? Span => Job.Target.Output.Span ?? Job.Target.Image.Span;

    public string ScratchDirectory => Path.Combine(Job.Context.OutputDirectory, "live");

    /// <summary>The newest first, at least one, all with initrds of one family.</summary>
    public ImmutableArray<LiveKernel> Kernels { get; private set; } = [];

    /// <summary>Customises the tree and finds its kernels.</summary>
    /// <param name="tree">Of this output alone.</param>
    /// <returns>Null where the bag has the reason.</returns>
    public static LiveSystem? Make(DiskJob job, FileTree tree, DiagnosticBag bag)
    {
        var system = new LiveSystem(job, tree, bag);
        RootfsCustomizer.Apply(new(system.Job, tree, system.Identity, system.Boot.Mounts, system._files, bag));
        if (!bag.HasErrors)
            PayloadPlace.Lay(system);
        if (!bag.HasErrors)
        {
            var isOurs = system.Options.Root == LiveRootKind.Initrd && !job.IsRootInInitrd;
            system.Kernels = LiveKernels.Find(system.Boot, anyInitrd: system.SaysItsRoot || job.IsRootInInitrd || system.IsOpenedBySystemd, noInitrd: isOurs);
        }
        if (!bag.HasErrors)
            return system;
        system.Dispose();
        return null;
    }

    /// <summary>Whether somebody wrote down a root: he knows what his initrd does with it.</summary>
    public bool SaysItsRoot => Boot.GivenArguments().Exists(a => a.StartsWith("root=", StringComparison.Ordinal));

    /// <summary>Whether systemd in the initrd opens and mounts the root, whoever made that initrd. What is kept between starts only dracut's live module knows.</summary>
    public bool IsOpenedBySystemd => Options is { Verity: true, Persistence: null };

    /// <summary>The kernel command line for a medium, one argument an item: what the initrd wants, then what was written down.</summary>
    public IReadOnlyList<string> Arguments(LiveKernel kernel, LiveMedium medium) => LiveArguments.Of(kernel.Facts.Family, medium, Boot.GivenArguments());

    public void Dispose() => _files.Dispose();
}
