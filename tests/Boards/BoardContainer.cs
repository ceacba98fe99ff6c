using System.Collections.Concurrent;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Kit;
using Pipeline.Oci.Platforms;

namespace Pipeline.Boards;

/// <summary>
/// The least container that boots a board: a program, a kernel with initrd and device tree, and the board's loaders, real
/// ones out of Debian's packages where those have them.
/// </summary>
internal static class BoardContainer
{
    private static readonly ConcurrentDictionary<string, byte[]> Files = new(StringComparer.Ordinal);

    public static BlobSource Create(BoardManifest board)
    {
        var tar = new TarBuilder();
        var version = BoardTable.All.Where(f => f.Board == board.Name).Select(f => f.Kernel).Single();
        Add(tar, "/usr/bin/true", ElfOf(board.Platform));
        Add(tar, $"/usr/lib/modules/{version}/vmlinuz", StandIns.Read($"/usr/lib/modules/{version}/vmlinuz")!);
        Add(tar, $"/usr/lib/modules/{version}/initramfs.img", StandIns.Pattern("initrd", 30_000));
        if (board.Boot.DeviceTree is { } tree)
            Add(tar, $"/usr/lib/linux-image-{version}/{tree}", StandIns.Pattern(tree, 5_000));
        foreach (var path in Loaders(board).Concat(Modules(board)).Where(p => !p.EndsWith("/vmlinuz", StringComparison.Ordinal)).Distinct(StringComparer.Ordinal))
            Add(tar, path, Read(board.Platform, path));
        return new BlobSource(platform: board.Platform).Add(tar.ToArray());
    }

    /// <summary>What the container has at a path of a loader.</summary>
    /// <exception cref="InvalidOperationException">Neither Debian's packages nor the stand-ins have it.</exception>
    public static byte[] Read(Platform platform, string path) => Files.GetOrAdd($"{platform.Architecture}:{path}", _ =>
        StandIns.Read(path) ?? (path.Contains("/EFI/", StringComparison.Ordinal) ? StandIns.Pattern(path, 90_000) : Packages(platform, path).Read(path))
        ?? throw new InvalidOperationException($"no package and no stand-in has {path}"));

    private static IEnumerable<string> Loaders(BoardManifest board) =>
        BoardTable.All.Where(f => f.Board == board.Name).SelectMany(f => f.Places.Select(p => p.File).Concat(f.FatFiles.Select(file => file.File)));

    /// <summary>The core image for a PC BIOS is made of many files.</summary>
    private static IEnumerable<string> Modules(BoardManifest board)
    {
        const string folder = "/usr/lib/grub/i386-pc/";
        return board.Boot.Methods.Contains(BootMethod.GrubBios)
            ? Directory.EnumerateFiles(DebianPackages.Amd64.Folder + folder).Select(f => folder + Path.GetFileName(f)).Order(StringComparer.Ordinal)
            : [];
    }

    private static DebianPackages Packages(Platform platform, string path) => platform.Architecture switch
    {
        "amd64" => DebianPackages.Amd64,
        // The firmware of the Pis is for any architecture, its package lies beside those for arm64.
        "arm" when path.Contains("/raspi-firmware/", StringComparison.Ordinal) => DebianPackages.Arm64,
        "arm" => DebianPackages.Arm,
        "riscv64" => DebianPackages.Riscv64,
        _ => DebianPackages.Arm64,
    };

    private static byte[] ElfOf(Platform platform) => platform.Architecture switch
    {
        "amd64" => ElfBuilder.Create(62),
        "arm64" => ElfBuilder.Create(183),
        "riscv64" => ElfBuilder.Create(243),
        _ => ElfBuilder.Create(40, bits: 32, flags: 0x0500_0400, interpreter: "/lib/ld-linux-armhf.so.3", armAttributes: ElfBuilder.ArmAttributes(6)),
    };

    private static void Add(TarBuilder tar, string path, byte[] content) =>
        tar.Add(new TarItem(path.TrimStart('/')) { Content = content, Mode = 0b111_101_101 });
}
