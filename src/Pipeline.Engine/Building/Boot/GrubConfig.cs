using System.Text;

namespace Pipeline.Engine.Building.Boot;

/// <summary>A <c>grub.cfg</c>: one entry a kernel, the newest first; the same for UEFI and for a BIOS.</summary>
internal static class GrubConfig
{
    /// <summary>What GRUB's shell does not take for a part of a word.</summary>
    private const string Special = "$;|&<>{}\"'\\# ";

    public static string Text(BootContext context, IReadOnlyList<Kernel> kernels)
    {
        var text = new StringBuilder("# Written from the manifest and the board.\nset default=0\n");
        text.Append($"set timeout={(kernels.Count > 1 ? 3 : 1)}\n");
        foreach (var kernel in kernels)
        {
            // GRUB finds a file system by its identifier, and few know erofs: a kernel on what is read-only is copied to the ESP.
            var holding = context.Mounts.Holding(kernel.Path)!;
            var place = holding.Partition.FileSystem.IsReadOnly && context.Esp is { } esp ? esp : holding;
            text.Append($"menuentry '{context.SystemName} ({kernel.Version})' {{\n");
            text.Append($"    search --no-floppy --fs-uuid --set=root {place.Identity.FileSystemUuid}\n");
            if (DeviceTrees.Find(context, kernel) is { } tree)
                text.Append($"    devicetree {BootFiles.On(context, place, tree, kernel.Version)}\n");
            text.Append($"    linux {BootFiles.On(context, place, kernel.Path, kernel.Version)} {string.Join(' ', context.Arguments().Select(Word))}\n");
            if (kernel.InitrdPath is { } initrd)
                text.Append($"    initrd {BootFiles.On(context, place, initrd, kernel.Version)}\n");
            text.Append("}\n");
        }
        return text.ToString();
    }

    /// <summary>
    /// An argument that GRUB's shell hands on as it is. Double quotes go: GRUB puts its own around what has a space, and
    /// would escape those inside in a way that the kernel does not read.
    /// </summary>
    internal static string Word(string argument) =>
        argument.Any(Special.Contains) ? $"'{argument.Replace("\"", "", StringComparison.Ordinal).Replace("'", @"'\''", StringComparison.Ordinal)}'" : argument;
}
