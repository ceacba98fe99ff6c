using System.Text;
using Pipeline.Core.Files;
using Pipeline.Disk.Grub;
using Pipeline.Engine.Building.Disks;

namespace Pipeline.Engine.Building.Boot;

/// <summary>GRUB for a PC BIOS as a source has it, read: good also when the source's tree has changed.</summary>
internal sealed record GrubPcFiles(byte[] BootImage, byte[] Kernel, byte[] Decompressor, byte[] DiskBoot, IReadOnlyList<byte[]> Modules)
{
    /// <summary>No file of GRUB's is nearly as long.</summary>
    private const int MaxFileBytes = 4 << 20;

    public static readonly string[] Folders = ["/usr/lib/grub/i386-pc", "/usr/share/grub2/i386-pc", "/boot/grub/i386-pc", "/boot/grub2/i386-pc"];

    /// <summary>All that our grub.cfg names, and what a person wants at its prompt: nothing must be loaded from the disk.</summary>
    private static readonly string[] Names =
    [
        "biosdisk", "part_gpt", "part_msdos", "ext2", "fat", "search", "search_fs_uuid", "normal", "configfile", "linux", "minicmd",
        "echo", "test", "ls", "cat", "reboot", "halt", "serial",
    ];

    /// <summary>Null where the source has none.</summary>
    public static string? FolderOf(FileTree tree) => Array.Find(Folders, f => tree.Find(f + "/kernel.img") is RegularFile);

    /// <exception cref="InvalidDataException">A file is missing or damaged.</exception>
    public static GrubPcFiles Read(FileTree tree, string folder)
    {
        byte[] File(string name) => tree.Find($"{folder}/{name}") is RegularFile file
            ? file.Content.ReadAll(MaxFileBytes)
            : throw new InvalidDataException($"{name} is missing");

        var order = GrubModules.Resolve(Encoding.UTF8.GetString(File("moddep.lst")), Names);
        return new(File("boot.img"), File("kernel.img"), File("lzma_decompress.img"), File("diskboot.img"), [.. order.Select(m => File(m + ".mod"))]);
    }

    /// <param name="prefix">Where GRUB looks for its files, such as <c>(,gpt2)/boot/grub</c>.</param>
    /// <param name="config">Commands that run before the normal mode.</param>
    /// <param name="partitionIndex">Of the partition that holds the core image; null puts it behind sector 0.</param>
    /// <exception cref="InvalidDataException">No core image can be made of them.</exception>
    public BootCode Make(string prefix, string config, int? partitionIndex) =>
        new(BootImage, GrubPcCore.Make(new(Kernel, Decompressor, DiskBoot, Modules, prefix, config)), partitionIndex);
}
