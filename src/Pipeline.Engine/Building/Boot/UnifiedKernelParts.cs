using System.Text;
using Pipeline.Core.Files;

namespace Pipeline.Engine.Building.Boot;

/// <summary>What a unified kernel image is made of, beside systemd's stub (UAPI Group, Unified Kernel Image).</summary>
/// <param name="OsRelease">The text of os-release(5), by which boot menus name the system.</param>
/// <param name="Version">The kernel's.</param>
internal sealed record UnifiedKernelParts(string OsRelease, string CommandLine, string Version, FileContent Linux)
{
    /// <summary>Null where the kernel needs none.</summary>
    public FileContent? Initrd { get; init; }

    /// <summary>Null where the board names none.</summary>
    public FileContent? DeviceTree { get; init; }

    /// <summary>Where distributions keep the stub of the board's platform.</summary>
    public static string StubPath(BootContext context) => $"/usr/lib/systemd/boot/efi/linux{EfiNames.Suffix(context.Job.Board.Platform)}.efi.stub";

    /// <summary>The image. It reads the parts whenever it is read itself.</summary>
    /// <exception cref="InvalidDataException">The stub is no such program, or the image would be too long.</exception>
    public FileContent Join(FileContent stub)
    {
        var sections = new List<(string, FileContent)> { (".osrel", Text(OsRelease)), (".cmdline", Text(CommandLine)), (".uname", Text(Version)) };
        if (DeviceTree is { } tree)
            sections.Add((".dtb", tree));
        if (Initrd is { } initrd)
            sections.Add((".initrd", initrd));
        // Last, so that it has room above it.
        sections.Add((".linux", Linux));
        return UnifiedKernelImage.Make(stub, sections);
    }

    private static FileContent Text(string text) => FileContent.Of(Encoding.UTF8.GetBytes(text));
}
