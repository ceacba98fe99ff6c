using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Core.Units;
using Pipeline.Engine.Manifests.LinuxKit;
using Pipeline.Oci.Sources;

namespace Pipeline.Engine.Building.LinuxKit;

/// <summary>An image of a document, unpacked.</summary>
/// <param name="Tree">Shared by all that use the image: it is cloned, never changed.</param>
internal sealed record UnpackedContainer(PlatformImage Image, FileTree Tree);

/// <summary>
/// From a document and its unpacked images to one root: modules of the kernel, the init images over each other, volumes,
/// containers, files, in this order. Pure: it reads nothing but the trees and the files that the document names.
/// </summary>
internal sealed class LinuxKitAssembler(LinuxKitDocument document, IReadOnlyDictionary<string, UnpackedContainer> images, DiagnosticBag bag)
{
    /// <summary>Names in the root, each copy of a container counted.</summary>
    public const int MaxNames = 8_000_000;

    private const string ResolverLink = "/run/resolvconf/resolv.conf";
    private const string PackageList = "/lib/apk/db/installed";
    private const int MaxPackageListBytes = 64 << 20;

    private readonly FileTree _root = NewTree();
    private readonly Dictionary<Digest, string> _stored = [];
    private int _names;

    /// <returns>Null where the bag has the reason.</returns>
    public LinuxKitSystem? Assemble(CancellationToken ct)
    {
        var kernelTree = images[document.Kernel.Image.Place].Tree;
        var kernel = KernelImage.Read(kernelTree, document.Kernel, bag, ct);
        if (kernel?.Modules is { } modules)
            Guarded(document.Kernel.Image.Source.Span, "the modules of the kernel", () => TreeOverlay.Lay(_root, Counted(modules.Clone())));
        AddInit();
        foreach (var volume in document.Volumes)
            Guarded(volume.Span, volume.Folder, () => AddVolume(volume));
        foreach (var container in document.Containers)
        {
            ct.ThrowIfCancellationRequested();
            Guarded(container.Span, container.Folder, () => AddContainer(container));
        }
        new SystemFiles(document, _root, bag).Add();
        if (_names > MaxNames)
            bag.Add(LinuxKitBuildRules.TooLarge, document.Kernel.Image.Source.Span, $"{_names} files", MaxNames);
        return bag.HasErrors || kernel is null ? null : new(_root, kernel, kernelTree, document.Kernel.CommandLine);
    }

    private static FileTree NewTree() => new(FileTree.NewDirectory(ImageFilter.Clock));

    /// <summary>What Alpine has installed is the sum of what each image has.</summary>
    private void AddInit()
    {
        var lists = new List<byte[]>();
        foreach (var image in document.Init)
        {
            Guarded(image.Source.Span, image.Source.Text, () =>
            {
                var tree = Filtered(image.Place, ResolverLink);
                if (tree.Find(PackageList) is RegularFile list)
                    lists.Add(list.Content.ReadAll(MaxPackageListBytes));
                TreeOverlay.Lay(_root, tree);
            });
        }
        if (lists.Count > 1 && _root.Find(PackageList) is RegularFile last)
            last.Content = FileContent.Of([.. lists.SelectMany(l => l)]);
    }

    private FileTree Filtered(string place, string? resolverLink)
    {
        var tree = Counted(images[place].Tree.Clone());
        ImageFilter.Apply(tree, resolverLink);
        return tree;
    }

    private FileTree Counted(FileTree tree)
    {
        _names += tree.Walk().Count();
        return tree;
    }

    /// <summary>What init finds beside <c>lower</c> tells it whether the volume is written: <c>tmp</c> is for those only.</summary>
    private void AddVolume(LinuxKitVolume volume)
    {
        if (volume.Image is null)
            _root.EnsureDirectory(volume.Folder + "/lower", ImageFilter.Clock);
        else if (volume.IsOci)
            Put(volume.Folder + "/lower", Counted(images[volume.Image.Place].Tree.Clone()));
        else
            Put(volume.Folder + "/lower", Filtered(volume.Image.Place, null));
        _root.EnsureDirectory(volume.Folder + "/merged", ImageFilter.Clock);
        if (!volume.IsReadOnly)
            _root.EnsureDirectory(volume.Folder + "/tmp", ImageFilter.Clock);
    }

    private void AddContainer(LinuxKitContainer container)
    {
        var (image, _) = images[container.Image.Place];
        var settings = container.Settings.Over(ContainerLabel.Read(image.Labels, container, bag));
        LinuxKitChecks.Binds(settings, document, container.Span, bag);
        var config = new RuntimeSpec(document, bag).Make(container, settings, image.Process);
        // An image is stored once: later containers stand on the first one's files.
        if (!_stored.TryGetValue(image.ManifestDigest, out var root))
        {
            root = ContainerBundle.RootOf(container, settings.IsReadOnly == true);
            Put(root, Filtered(container.Image.Place, null));
            _stored.Add(image.ManifestDigest, root);
        }
        ContainerBundle.Write(_root, container, settings, config, root);
    }

    /// <summary>A tree as a directory, with its own root's owner and rights.</summary>
    private void Put(string path, FileTree tree)
    {
        _root.EnsureDirectory(path[..path.LastIndexOf('/')], ImageFilter.Clock);
        _root.Set(path, tree.Root);
    }

    /// <summary>A path that is blocked is a mistake of somebody's image or file, and does not hide others.</summary>
    private void Guarded(SourceSpan? span, string what, Action add)
    {
        try
        {
            add();
        }
        catch (Exception e) when (e is InvalidDataException || e.GetType() == typeof(IOException))
        {
            bag.Add(LinuxKitBuildRules.Blocked, span, what, e.Message);
        }
    }
}
