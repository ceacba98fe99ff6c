using System.Collections.Immutable;
using Pipeline.Core.Compression;
using Pipeline.Core.Files;
using Pipeline.Engine.Building.Boot;
using Pipeline.Engine.Building.Live.Initrds;

namespace Pipeline.Engine.Building.Live;

/// <summary>Finds the kernels of a source that have an initrd, and looks into each.</summary>
internal static class LiveKernels
{
    /// <param name="anyInitrd">The manifest says by itself how the initrd finds its root.</param>
    /// <param name="noInitrd">The kernels are started with another initrd than theirs.</param>
    /// <returns>The newest first, all of one family; empty where the bag has the reason.</returns>
    public static ImmutableArray<LiveKernel> Find(BootContext context, bool anyInitrd, bool noInitrd)
    {
        if (noInitrd)
            return Alone(context);
        var span = context.Job.Target.Image.Source.Span;
        var found = KernelFinder.Find(context.Tree);
        foreach (var kernel in found.Where(k => k.InitrdPath is null))
            context.Bag.Add(LiveRules.KernelAlone, span, kernel.Version);
        var isUnified = found.All(k => k.InitrdPath is null) && UnifiedKernels.AreShipped(context.Tree);
        var kernels = OfOneFamily(context, isUnified
            ? UnifiedKernels.Shipped(context.Tree).Select(p => Guarded(context, p, () => ReadUnified(context, p)))
            : found.Where(k => k.InitrdPath is not null).Select(k => Guarded(context, k.InitrdPath!, () => Read(context, k))));
        if (found.All(k => k.InitrdPath is null) && !isUnified)
            context.Bag.Add(LiveRules.NoKernel, span);
        else if (kernels.Length > 0 && kernels[0].Facts.Family == InitrdFamily.Other && !anyInitrd)
            context.Bag.Add(LiveRules.InitrdUnknown, span, kernels[0].InitrdPath, kernels[0].Facts.Maker);
        return Judged(context, kernels);
    }

    private static ImmutableArray<LiveKernel> Judged(BootContext context, ImmutableArray<LiveKernel> kernels)
    {
        var platform = context.Job.Board.Platform;
        foreach (var kernel in kernels)
        {
            if (KernelForm.Problem(kernel.Image, platform.Architecture) is { } problem)
                context.Bag.Add(LiveRules.NoKernelThere, context.Job.Target.Image.Source.Span, kernel.Version, platform, problem);
        }
        return kernels;
    }

    private static ImmutableArray<LiveKernel> OfOneFamily(BootContext context, IEnumerable<LiveKernel?> all)
    {
        var kernels = ImmutableArray.CreateBuilder<LiveKernel>();
        foreach (var read in all.OfType<LiveKernel>())
        {
            if (kernels.Count > 0 && kernels[0].Facts.Family != read.Facts.Family)
                context.Bag.Add(LiveRules.OtherFamily, context.Job.Target.Image.Source.Span, read.Version, read.Facts.Maker, kernels[0].Facts.Maker);
            else
                kernels.Add(read);
        }
        return kernels.ToImmutable();
    }

    private static ImmutableArray<LiveKernel> Alone(BootContext context)
    {
        var facts = new InitrdFacts(InitrdFamily.Other, "none");
        // Only the program for UEFI has a place for it.
        FileContent? Tree(Kernel kernel) => context.Job.Target.Output.Live.Efi ? DeviceTree(context, kernel) : null;
        ImmutableArray<LiveKernel> kernels = [.. KernelFinder.Find(context.Tree).Select(k => new LiveKernel(k.Version, Content(context.Tree, k.Path), default, Tree(k), facts) { InitrdPath = "" })];
        if (kernels.IsEmpty)
            context.Bag.Add(LiveRules.NoKernel, context.Job.Target.Image.Source.Span);
        return Judged(context, kernels);
    }

    private static LiveKernel Read(BootContext context, Kernel kernel)
    {
        var initrd = Content(context.Tree, kernel.InitrdPath!);
        // A system that is its own initrd may hold the files of any other one.
        var facts = context.Job.IsRootInInitrd ? new InitrdFacts(InitrdFamily.Other, "the system itself") : InitrdReader.Read(initrd);
        return new(kernel.Version, Content(context.Tree, kernel.Path), initrd, DeviceTree(context, kernel), facts) { InitrdPath = kernel.InitrdPath! };
    }

    /// <summary>Kernel and initrd out of one file, where the source has them nowhere else.</summary>
    private static LiveKernel ReadUnified(BootContext context, string path)
    {
        var image = UnifiedKernelFile.Read(Content(context.Tree, path));
        if (image is not { Linux: { } linux, Initrd: { } initrd })
            throw new InvalidDataException("the unified kernel image has no kernel and initrd in it");
        var version = image.Version is { } said && KernelFinder.IsPlain(said) ? said : Path.GetFileNameWithoutExtension(UnifiedKernels.NameOf(path));
        return new(version, linux, initrd, image.DeviceTree, InitrdReader.Read(initrd)) { InitrdPath = path };
    }

    private static LiveKernel? Guarded(BootContext context, string path, Func<LiveKernel> read)
    {
        try
        {
            return read();
        }
        catch (InvalidDataException e)
        {
            context.Bag.Add(LiveRules.InitrdUnreadable, context.Job.Target.Image.Source.Span, path, e.Message);
        }
        catch (MissingLibraryException e)
        {
            context.Bag.AddRange([e.Diagnostic]);
        }
        return null;
    }

    private static FileContent? DeviceTree(BootContext context, Kernel kernel) => DeviceTrees.Find(context, kernel) is { } path ? Content(context.Tree, path) : null;

    private static FileContent Content(FileTree tree, string path) => ((RegularFile)tree.Find(path)!).Content;
}
