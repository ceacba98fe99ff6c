using Pipeline.Core.Files;
using Pipeline.Engine.Building.Rootfs;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Manifests.Reading;

namespace Pipeline.Engine.Building.Boot;

/// <summary>Makes a tree boot in the way that its board says: copies loaders, writes their configuration.</summary>
internal static class BootInstaller
{
    public static void Install(BootContext context)
    {
        CopyFirmware(context);
        var methods = Methods(context);
        var writers = methods.Select(Writer).OfType<Action<BootContext, IReadOnlyList<Kernel>>>().ToList();
        if (methods.Contains(BootMethod.UefiFiles))
            UefiFiles.Check(context, isAlone: writers.Count == 0);
        if (writers.Count == 0)
            return;
        var kernels = KernelFinder.Find(context.Tree);
        if (kernels.Count == 0 && !BringsItsKernels(context, methods))
        {
            context.Bag.Add(BuildingRules.NoKernel, context.Boot.Span, Words.Of(methods.First(m => Writer(m) is not null)));
            return;
        }
        foreach (var kernel in kernels.Where(k => k.InitrdPath is null))
            context.Bag.Add(BuildingRules.NoInitrd, context.Job.Target.Image.Source.Span, kernel.Version);
        foreach (var write in writers)
            write(context, kernels);
    }

    private static IReadOnlyList<BootMethod> Methods(BootContext context)
    {
        if (context.Boot.Method != BootMethod.Automatic)
            return [.. context.Boot.Methods];
        var found = BootChoice.Of(context);
        if (found == BootMethod.None && !context.Job.Customization.KernelArguments.IsEmpty)
            context.Bag.Add(BuildingRules.ArgumentsUnused, context.Job.Target.Image.Span, "none", string.Join(' ', context.Job.Customization.KernelArguments));
        return [found];
    }

    /// <summary>Unified kernel images need no kernels beside them.</summary>
    private static bool BringsItsKernels(BootContext context, IReadOnlyList<BootMethod> methods) =>
        methods.All(m => m is BootMethod.Uki or BootMethod.UefiFiles) && UnifiedKernels.AreShipped(context.Tree);

    /// <summary>What writes the configuration of a method; null where the source brought it.</summary>
    private static Action<BootContext, IReadOnlyList<Kernel>>? Writer(BootMethod method) => method switch
    {
        BootMethod.GrubEfi => GrubEfi.Install,
        BootMethod.GrubBios => GrubBios.Install,
        BootMethod.SystemdBoot => SystemdBoot.Install,
        BootMethod.Extlinux => Extlinux.Install,
        BootMethod.BootScr => BootScript.Install,
        BootMethod.Raspberrypi => RaspberryPi.Install,
        BootMethod.Uki => UnifiedKernels.Install,
        _ => null,
    };

    /// <summary>Firmware that a boot ROM reads as plain files of the boot partition.</summary>
    private static void CopyFirmware(BootContext context)
    {
        foreach (var (pattern, target) in context.Boot.FirmwareFiles)
        {
            var matches = TreeGlob.Match(context.Tree, pattern).Where(m => context.Tree.Find(m) is RegularFile).ToList();
            if (context.FirmwarePlace is not { } boot)
                context.Bag.Add(BuildingRules.NoBootPartition, context.Boot.Span, "firmware files", "a mounted FAT partition");
            else if (matches.Count == 0)
                context.Bag.Add(BuildingRules.BlobMissing, context.Boot.Span, target, pattern);
            else
                CopyAll(context, pattern, matches, boot.Path + "/" + target.TrimStart('/'));
        }
    }

    /// <summary>Several matches go into a folder under their own names; a single one takes the name of the target.</summary>
    private static void CopyAll(BootContext context, string pattern, List<string> matches, string target)
    {
        var isFolder = target.EndsWith('/');
        if (matches.Count > 1 && !isFolder)
        {
            context.Bag.Add(BuildingRules.BlobAmbiguous, context.Boot.Span, target, pattern, string.Join(", ", matches));
            return;
        }
        foreach (var match in matches)
            BootFiles.Copy(context, match, isFolder ? target + match[(match.LastIndexOf('/') + 1)..] : target);
    }
}
