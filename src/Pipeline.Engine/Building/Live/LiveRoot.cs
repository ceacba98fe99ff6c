using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Core.Hashing;
using Pipeline.Disk;
using Pipeline.Disk.Erofs;
using Pipeline.Disk.Squashfs;
using Pipeline.Engine.Building.Disks;
using Pipeline.Engine.Building.Labels;
using Pipeline.Engine.Building.Live.Initrds;
using Pipeline.Engine.Manifests.Models;

namespace Pipeline.Engine.Building.Live;

/// <summary>A packed root file system in scratch; disposing it gives the scratch back.</summary>
/// <param name="Content">The whole image: a file of a medium, or the content of a partition. Its length is whole 4 KiB.</param>
internal sealed record LiveRoot(FileContent Content, IDisposable Scratch) : IDisposable
{
    public void Dispose() => Scratch.Dispose();

    /// <param name="system">Its tree is labelled, and loses what is excluded.</param>
    /// <returns>Null where the bag has the reason.</returns>
    public static LiveRoot? Pack(LiveSystem system, CancellationToken ct)
    {
        if (system.Job.IsRootInInitrd)
            return new(system.Kernels[0].Initrd, new MemoryStream());
        SelinuxLabels.Apply(system.Job, system.Tree, system.Boot.Mounts, system.Bag);
        foreach (var pattern in system.Options.Exclude.Where(p => LiveExclusion.Remove(system.Tree, p) == 0))
            system.Bag.Add(LiveRules.ExcludesNothing, system.Span, pattern);
        if (system.Tree.Root.Children.Count == 0)
        {
            system.Bag.Add(LiveRules.ExcludesAll, system.Span);
            return null;
        }
        return system.Options.Root switch
        {
            LiveRootKind.Erofs => Erofs(system, ct),
            LiveRootKind.Initrd => LiveInitrdRoot.Pack(system, ct),
            _ => Squashfs(system, ct),
        };
    }

    private static LiveRoot? Erofs(LiveSystem system, CancellationToken ct)
    {
        if (system.Kernels[0].Facts.Family == InitrdFamily.Dracut && !system.SaysItsRoot && !system.IsOpenedBySystemd)
            system.Bag.Add(LiveRules.ErofsOfDracut, system.Span, system.Kernels[0].InitrdPath);
        var options = new ErofsOptions
        {
            Uuid = DerivedGuid.Create(system.Job.Seed, "live root"),
            Compression = system.Options.Packing.Erofs,
            Clock = system.Job.Clock,
        };
        return Shared(system, options, () => Pack(system, ErofsLayout.Place(system.Tree, options, system.Span), l => l.ContentBytes, ErofsWriter.Pack, ct));
    }

    private static LiveRoot? Squashfs(LiveSystem system, CancellationToken ct)
    {
        var packing = system.Options.Packing;
        var options = new SquashfsOptions
        {
            Compression = packing.Compression,
            Level = packing.Level,
            BlockBytes = packing.BlockBytes ?? SquashfsOptions.DefaultBlockBytes,
            Clock = system.Job.Clock,
        };
        return Shared(system, options, () => Pack(system, SquashfsLayout.Place(system.Tree, options, system.Span), l => l.ContentBytes, SquashfsWriter.Pack, ct));
    }

    /// <summary>Another output's root where it is the same to the byte. One of which there is something to say is said of anew.</summary>
    private static LiveRoot? Shared(LiveSystem system, object options, Func<LiveRoot?> pack)
    {
        if (system.Job.Roots is not { } roots)
            return pack();
        var key = roots.KeyOf(system.Tree, options);
        if (roots.TryFind(key, out var kept))
            return kept;
        var said = system.Bag.Count;
        var root = pack();
        return root is null || system.Bag.Count > said ? root : roots.Keep(key, root);
    }

    private static LiveRoot? Pack<TLayout>(
        LiveSystem system, Result<TLayout> layout, Func<TLayout, long> length, Func<TLayout, PackContext, CancellationToken, Result<PackedFileSystem>> pack, CancellationToken ct)
        where TLayout : class
    {
        system.Bag.AddRange(layout.Diagnostics);
        if (!layout.IsOk)
            return null;
        using var activity = system.Job.Context.Reporter.Begin($"pack {system.Job.FileStem} root", length(layout.Value!));
        var packed = pack(layout.Value!, new(system.ScratchDirectory, system.Job.Parallelism, activity), ct);
        system.Bag.AddRange(packed.Diagnostics);
        return packed.IsOk ? new(packed.Value!.Content, packed.Value) : null;
    }
}
