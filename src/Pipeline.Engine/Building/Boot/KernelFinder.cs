using System.Text;
using Pipeline.Core.Files;

namespace Pipeline.Engine.Building.Boot;

/// <summary>
/// Finds the kernels of a source: <c>/usr/lib/modules/VERSION/vmlinuz</c> with <c>initramfs.img</c> beside it, or
/// <c>/boot/vmlinuz-VERSION</c> with the initrd of that version. Arch Linux calls what is in /boot after the package, whose name lies
/// among the modules (<c>pkgbase</c>). Rescue kernels are never taken.
/// </summary>
internal static class KernelFinder
{
    private const int LongestNameBytes = 255;

    private static readonly string[] ModuleFolders = ["/usr/lib/modules", "/lib/modules"];
    private static readonly string[] KernelNames = ["vmlinuz", "vmlinux", "Image"];
    private static readonly string[] InitrdNames = ["initramfs.img", "initrd", "initrd.img"];
    private static readonly string[] BootPrefixes = ["vmlinuz-", "vmlinux-", "Image-"];
    private static readonly string[] BootInitrds = ["initrd.img-{0}", "initramfs-{0}.img", "initramfs-{0}", "initrd-{0}"];

    /// <returns>The newest first; one a version, the one among the modules before the one in /boot.</returns>
    public static IReadOnlyList<Kernel> Find(FileTree tree) =>
    [
        .. AmongModules(tree).Concat(InBoot(tree, PackageNames(tree)))
            .Where(k => IsPlain(k.Version) && !k.Version.Contains("rescue", StringComparison.OrdinalIgnoreCase))
            .DistinctBy(k => k.Version, StringComparer.Ordinal)
            .OrderByDescending(k => k.Version, VersionOrder.Instance),
    ];

    /// <summary>Versions and paths go into boot configurations, whose languages would read anything else.</summary>
    public static bool IsPlain(string version) => version.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or '+' or '~');

    private static IEnumerable<Kernel> AmongModules(FileTree tree)
    {
        foreach (var folder in ModuleFolders)
        {
            if (tree.Find(folder) is not DirectoryNode directory)
                continue;
            foreach (var (name, _) in directory.Children)
            {
                var place = $"{folder}/{name}";
                if (First(tree, place, KernelNames) is { } kernel)
                    yield return new(name.ToString(), kernel, First(tree, place, InitrdNames) ?? First(tree, "/boot", InitrdsOf(name.ToString())) ?? OfPackage(tree, place));
            }
        }
    }

    /// <summary>Kernels of these names in /boot lie among the modules too.</summary>
    private static HashSet<string> PackageNames(FileTree tree) =>
        [.. ModuleFolders.SelectMany(f => tree.Find(f) is DirectoryNode directory ? directory.Children.Select(c => $"{f}/{c.Key}") : [])
            .Where(place => First(tree, place, KernelNames) is not null).Select(place => PackageName(tree, place)).OfType<string>()];

    private static string? OfPackage(FileTree tree, string place) => PackageName(tree, place) is { } name ? First(tree, "/boot", $"initramfs-{name}.img") : null;

    private static string? PackageName(FileTree tree, string place) =>
        tree.Find($"{place}/pkgbase") is RegularFile { Content.LengthBytes: > 0 and <= LongestNameBytes } file
        && Encoding.UTF8.GetString(file.Content.ReadAll(LongestNameBytes)).TrimEnd('\n') is var name && IsPlain(name) ? name : null;

    private static IEnumerable<Kernel> InBoot(FileTree tree, HashSet<string> besides)
    {
        if (tree.Find("/boot") is not DirectoryNode directory)
            yield break;
        foreach (var name in directory.Children.Select(c => c.Key.ToString()))
        {
            var prefix = Array.Find(BootPrefixes, p => name.StartsWith(p, StringComparison.Ordinal) && name.Length > p.Length);
            if (prefix is not null && !besides.Contains(name[prefix.Length..]) && First(tree, "/boot", name) is { } kernel)
                yield return new(name[prefix.Length..], kernel, First(tree, "/boot", InitrdsOf(name[prefix.Length..])));
        }
    }

    private static string[] InitrdsOf(string version) =>
        [.. BootInitrds.Select(f => f.Replace("{0}", version, StringComparison.Ordinal))];

    private static string? First(FileTree tree, string folder, params string[] names) =>
        names.Select(n => $"{folder}/{n}").Where(p => tree.Find(p) is RegularFile).Select(tree.RealPath).FirstOrDefault();
}
