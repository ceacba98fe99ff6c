using System.Collections.Immutable;
using Pipeline.Core.Files;
using Pipeline.Engine.Building.Boot;
using Pipeline.Engine.Building.Rootfs;
using Pipeline.Oci.Platforms;

namespace Pipeline.Engine.Building.Live;

/// <summary>The UEFI loaders that a source has, wherever its distribution keeps them. All are paths in its tree, null where there is none.</summary>
/// <param name="Folders">What belongs into <c>/EFI</c> as it is, the most particular first: the source's own system partition, bootupd's copies.</param>
/// <param name="Vendor">The name of the distribution's own folder below <c>/EFI</c>.</param>
/// <param name="Shim">Signed by the firmware's authority, where there is a signed one.</param>
/// <param name="Grub">Reads its configuration from the vendor's folder of the partition that it was started from.</param>
/// <param name="GrubForCd">The same for media that have no system partition to write to.</param>
/// <param name="MokManager">What shim starts when keys are to be enrolled.</param>
internal sealed record EfiLoaders(
    ImmutableArray<string> Folders, string? Vendor, string? Shim, string? Grub, string? GrubForCd, string? MokManager, string? SystemdBoot)
{
    private const int MaxLoaderBytes = 64 << 20;
    private static readonly string[] Places = ["/boot/efi/EFI", "/efi/EFI", "/boot/EFI", "/usr/lib/bootupd/updates/EFI"];

    public static EfiLoaders Find(FileTree tree, Platform platform)
    {
        var (suffix, target) = (EfiNames.Suffix(platform), EfiNames.GrubTarget(platform));
        ImmutableArray<string> folders =
            [.. Places.Concat(TreeGlob.Match(tree, "/usr/lib/efi/*/*/EFI")).Where(p => tree.Find(p) is DirectoryNode { Children.Count: > 0 })];
        var vendor = folders.SelectMany(f => Names(tree, f)).FirstOrDefault(n => !n.Equals("BOOT", StringComparison.OrdinalIgnoreCase) && IsPlain(n));
        string? InFolders(params string[] names) => folders
            .SelectMany(f => Names(tree, f).OrderBy(n => n.Equals("BOOT", StringComparison.OrdinalIgnoreCase)).SelectMany(n => names.Select(file => UefiFiles.FindIgnoringCase(tree, $"{f}/{n}/{file}"))))
            .FirstOrDefault(p => p is not null && tree.Find(p) is RegularFile);
        string? First(params string[] paths) => Array.Find(paths, p => tree.Find(p) is RegularFile);
        string Signed(string name) => $"/usr/lib/grub/{target}-signed/{name}{suffix}.efi.signed";
        string Plain(string name) => $"/usr/lib/grub/{target}/monolithic/{name}{suffix}.efi";

        // On removable media it may be there under the name that firmware looks for only; so may anything else.
        var alone = InFolders(EfiNames.Default(platform));
        var grub = InFolders($"grub{suffix}.efi") ?? First(Signed("grub"), Plain("grub")) ?? (alone is not null && IsGrub(tree, alone) ? alone : null);
        // Shim is often there under the name that firmware looks for only.
        var shim = InFolders($"shim{suffix}.efi") ?? First($"/usr/lib/shim/shim{suffix}.efi.signed")
            ?? (InFolders($"grub{suffix}.efi") is not null ? InFolders(EfiNames.Default(platform)) : null);
        return new(
            folders, vendor, shim, grub, InFolders($"gcd{suffix}.efi") ?? First(Signed("gcd"), Plain("gcd")),
            InFolders($"mm{suffix}.efi") ?? First($"/usr/lib/shim/mm{suffix}.efi.signed", $"/usr/lib/shim/mm{suffix}.efi"),
            First($"/usr/lib/systemd/boot/efi/systemd-boot{suffix}.efi.signed", $"/usr/lib/systemd/boot/efi/systemd-boot{suffix}.efi"));
    }

    /// <summary>Its modules keep the names of its functions.</summary>
    private static bool IsGrub(FileTree tree, string path) =>
        ((RegularFile)tree.Find(path)!).Content is { LengthBytes: <= MaxLoaderBytes } content && content.ReadAll(MaxLoaderBytes).AsSpan().IndexOf("grub_"u8) >= 0;

    private static IEnumerable<string> Names(FileTree tree, string folder) =>
        ((DirectoryNode)tree.Find(folder)!).Children.Where(c => c.Value is DirectoryNode).Select(c => c.Key.ToString());

    /// <summary>Names of folders go into messages and configurations.</summary>
    private static bool IsPlain(string name) => name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');
}
