using System.Collections.Immutable;

namespace Pipeline.Engine.Inventories.Changes;

/// <summary>Packages that people look for first. Patterns are names; <c>*</c> stands for any characters.</summary>
public static class Highlights
{
    public const string Firmware = "firmware";

    private static readonly ImmutableArray<(string Group, ImmutableArray<string> Patterns)> BuiltIn =
    [
        ("kernel", ["kernel", "kernel-core", "kernel-default", "kernel-rt-core", "kernel-longterm", "linux", "linux-lts", "linux-zen", "linux-hardened", "linux-virt", "linux-rpi*", "linux-image-*", "raspberrypi-kernel"]),
        ("bootloader", ["grub", "grub-common", "grub-efi*", "grub-pc", "grub2", "grub2-common", "grub2-efi-*", "grub2-pc", "shim*", "systemd-boot", "systemd-boot-efi", "systemd-boot-unsigned", "u-boot*", "uboot-images-*", "raspberrypi-bootloader", "syslinux", "extlinux", "limine", "refind"]),
        (Firmware, ["linux-firmware*", "firmware-*", "*-firmware", "raspi-firmware", "amd-ucode", "intel-ucode", "microcode_ctl", "intel-microcode", "amd64-microcode", "edk2-*", "ovmf"]),
    ];

    private const string Chosen = "package";

    /// <summary>In the order in which notes show them.</summary>
    public static ImmutableArray<string> Groups { get; } = [.. BuiltIn.Select(g => g.Group), Chosen];

    /// <summary>The group of a package, in the words of the notes; null for one that nobody highlights.</summary>
    /// <param name="chosen">More patterns, of the repository's.</param>
    public static string? GroupOf(string name, ImmutableArray<string> chosen) =>
        BuiltIn.Where(g => g.Patterns.Any(p => IsMatch(name, p))).Select(g => g.Group).FirstOrDefault()
        ?? (chosen.Any(p => IsMatch(name, p)) ? Chosen : null);

    /// <summary>Takes linear time for each star, whatever the pattern.</summary>
    private static bool IsMatch(ReadOnlySpan<char> name, ReadOnlySpan<char> pattern)
    {
        var (at, place, star, retry) = (0, 0, -1, 0);
        while (at < name.Length)
        {
            if (place < pattern.Length && pattern[place] == '*')
                (star, retry) = (place++, at);
            else if (place < pattern.Length && pattern[place] == name[at])
                (place, at) = (place + 1, at + 1);
            else if (star >= 0)
                (place, at) = (star + 1, ++retry);
            else
                return false;
        }
        return pattern[place..].IndexOfAnyExcept('*') < 0;
    }
}
