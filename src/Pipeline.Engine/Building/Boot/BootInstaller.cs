using Pipeline.Core.Files;
using Pipeline.Engine.Building.Rootfs;
using Pipeline.Engine.Manifests.Models;

namespace Pipeline.Engine.Building.Boot;

/// <summary>Makes a tree boot in the way that its board says: copies loaders, writes their configuration.</summary>
internal static class BootInstaller
{
    public static void Install(BootContext context)
    {
        CopyFirmware(context);
        switch (context.Boot.Method == BootMethod.Automatic ? BootChoice.Of(context) : context.Boot.Method)
        {
            case BootMethod.GrubEfi:
                WithKernels(context, GrubEfi.Install);
                break;
            case BootMethod.SystemdBoot:
                WithKernels(context, SystemdBoot.Install);
                break;
            case BootMethod.Extlinux:
                WithKernels(context, Extlinux.Install);
                break;
            case BootMethod.UefiFiles:
                UefiFiles.Check(context);
                break;
            case BootMethod.None when context.Boot.Method == BootMethod.Automatic && !context.Job.Customization.KernelArguments.IsEmpty:
                context.Bag.Add(BuildingRules.ArgumentsUnused, context.Job.Target.Image.Span, "none", string.Join(' ', context.Job.Customization.KernelArguments));
                break;
        }
    }

    private static void WithKernels(BootContext context, Action<BootContext, IReadOnlyList<Kernel>> install)
    {
        var kernels = KernelFinder.Find(context.Tree);
        if (kernels.Count == 0)
        {
            context.Bag.Add(BuildingRules.NoKernel, context.Boot.Span, MethodName(context.Boot.Method));
            return;
        }
        foreach (var kernel in kernels.Where(k => k.InitrdPath is null))
            context.Bag.Add(BuildingRules.NoInitrd, context.Job.Target.Image.Source.Span, kernel.Version);
        install(context, kernels);
    }

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

    internal static string MethodName(BootMethod method) => method switch
    {
        BootMethod.GrubEfi => "grub-efi",
        BootMethod.SystemdBoot => "systemd-boot",
        BootMethod.UefiFiles => "uefi-files",
        BootMethod.Extlinux => "extlinux",
        _ => "none",
    };
}
