using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Engine.Building.Boot;
using Pipeline.Engine.Manifests.LinuxKit;
using Pipeline.Oci.Layers;

namespace Pipeline.Engine.Building.LinuxKit;

/// <summary>What a kernel image brings.</summary>
/// <param name="Modules">For the root of the system; null where none are wanted.</param>
/// <param name="Microcode">An archive for the front of the initrd, or null.</param>
internal sealed record KernelParts(RegularFile Kernel, FileTree? Modules, FileContent? Microcode);

/// <summary>
/// Finds kernel, modules and microcode in a kernel image of LinuxKit's layout: <c>/kernel</c> and <c>/kernel.tar</c>, or as
/// the file says. An image that has no such kernel may be a distribution's: then its one kernel and its modules are taken.
/// </summary>
internal static class KernelImage
{
    private static readonly string[] ModuleFolders = ["/lib/modules", "/usr/lib/modules"];
    private const int ShownNames = 12;

    public static KernelParts? Read(FileTree image, LinuxKitKernel wanted, DiagnosticBag bag, CancellationToken ct)
    {
        var (name, span) = (wanted.Image.Source.Text, wanted.Image.Source.Span);
        var microcode = Microcode(image, wanted, bag);
        if (Find(image, wanted.Binary ?? LinuxKitKernel.DefaultBinary) is { } kernel)
            return new(kernel, Modules(image, wanted, bag, ct), microcode);
        var kernels = wanted.Binary is null ? KernelFinder.Find(image) : [];
        if (kernels.Count == 1)
            return new((RegularFile)image.Find(kernels[0].Path)!, ModulesOf(image, wanted, bag, ct), microcode);
        if (kernels.Count > 1)
            bag.Add(LinuxKitBuildRules.SeveralKernels, span, name, string.Join(", ", kernels.Select(k => k.Path)));
        else
            bag.Add(LinuxKitBuildRules.NoKernel, span, name, wanted.Binary ?? LinuxKitKernel.DefaultBinary, Names(image));
        return null;
    }

    private static RegularFile? Find(FileTree image, string name) => image.Find("/" + name.TrimStart('/')) as RegularFile;

    private static string Names(FileTree image)
    {
        var names = image.Root.Children.Select(c => c.Key.ToString()).ToList();
        return names.Count == 0 ? "nothing" : string.Join(", ", names.Take(ShownNames)) + (names.Count > ShownNames ? " and more" : "");
    }

    private static FileTree? Modules(FileTree image, LinuxKitKernel wanted, DiagnosticBag bag, CancellationToken ct)
    {
        if (wanted.Tar is not { } tar)
            return null;
        var (name, span) = (wanted.Image.Source.Text, wanted.Image.Source.Span);
        if (Find(image, tar) is not { } file)
        {
            bag.Add(LinuxKitBuildRules.NoModules, span, name, tar);
            return null;
        }
        var read = TarTree.Read(tar, file.Content, ct);
        if (read.IsOk)
            return read.Value;
        bag.Add(LinuxKitBuildRules.BrokenModules, span, name, tar, string.Join("; ", read.Diagnostics.Select(d => d.Message)));
        return null;
    }

    /// <summary>A distribution keeps its modules as files; a tar that was asked for must be there.</summary>
    private static FileTree? ModulesOf(FileTree image, LinuxKitKernel wanted, DiagnosticBag bag, CancellationToken ct)
    {
        if (wanted.Tar is null || wanted.IsTarSaid)
            return Modules(image, wanted, bag, ct);
        var tree = new FileTree();
        foreach (var folder in ModuleFolders.Where(f => image.Find(f) is DirectoryNode).Take(1))
        {
            foreach (var (name, node) in ((DirectoryNode)image.Find(folder)!).Children)
                tree.EnsureDirectory("/lib/modules", ImageFilter.Clock).Set(name, node);
        }
        return tree;
    }

    private static FileContent? Microcode(FileTree image, LinuxKitKernel wanted, DiagnosticBag bag)
    {
        if (wanted.Microcode is not { } path)
            return null;
        var (name, span) = (wanted.Image.Source.Text, wanted.Image.Source.Span);
        if (Find(image, path) is not { } file)
        {
            bag.Add(LinuxKitBuildRules.NoMicrocode, span, name, path);
            return null;
        }
        var magic = new byte[6];
        if (file.Content.Read(0, magic) == magic.Length && (magic.AsSpan().SequenceEqual("070701"u8) || magic.AsSpan().SequenceEqual("070702"u8)))
            return file.Content;
        bag.Add(LinuxKitBuildRules.NotMicrocode, span, name, path);
        return null;
    }
}
