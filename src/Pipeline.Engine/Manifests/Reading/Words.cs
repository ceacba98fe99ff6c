using System.Globalization;
using Pipeline.Core.Compression;
using Pipeline.Disk.Erofs;
using Pipeline.Disk.Loaders;
using Pipeline.Engine.Manifests.Models;

namespace Pipeline.Engine.Manifests.Reading;

/// <summary>The words of the schema and the values of the model; an unknown word was already reported by the schema.</summary>
internal static class Words
{
    private static readonly (string Word, BootRom Value)[] Roms =
    [
        ("raspberrypi", BootRom.RaspberryPi), ("raspberrypi-4", BootRom.RaspberryPi4), ("ti-k3", BootRom.TiK3), ("am335x", BootRom.Am335x),
        ("rockchip", BootRom.Rockchip), ("allwinner", BootRom.Allwinner), ("amlogic", BootRom.Amlogic), ("imx6", BootRom.Imx6),
        ("imx8", BootRom.Imx8), ("imx8mm", BootRom.Imx8Mm), ("imx8mq", BootRom.Imx8Mq), ("jh7110", BootRom.Jh7110), ("sifive", BootRom.SiFive),
    ];

    private static readonly (string Word, LoaderKind Value)[] Loaders =
    [
        ("sunxi-egon", LoaderKind.SunxiEgon), ("rockchip-idb", LoaderKind.RockchipIdb), ("imx-ivt", LoaderKind.ImxIvt),
        ("imx-container", LoaderKind.ImxContainer), ("mlo", LoaderKind.Mlo), ("ti-x509", LoaderKind.TiX509),
        ("amlogic", LoaderKind.Amlogic), ("jh7110-spl", LoaderKind.Jh7110Spl), ("fit", LoaderKind.Fit),
    ];

    public static BootRom? Rom(string? word) => Array.Find(Roms, r => r.Word == word) is { Word: not null } found ? found.Value : null;

    public static LoaderKind? Loader(string? word) => Array.Find(Loaders, l => l.Word == word) is { Word: not null } found ? found.Value : null;

    public static BootMethod Method(string? word) => word switch
    {
        "uefi-files" => BootMethod.UefiFiles,
        "grub-efi" => BootMethod.GrubEfi,
        "systemd-boot" => BootMethod.SystemdBoot,
        "extlinux" => BootMethod.Extlinux,
        "grub-bios" => BootMethod.GrubBios,
        "boot-scr" => BootMethod.BootScr,
        "raspberrypi" => BootMethod.Raspberrypi,
        "uki" => BootMethod.Uki,
        _ => BootMethod.None,
    };

    public static RootReference Root(string? word) => word switch
    {
        "uuid" => RootReference.FileSystemUuid,
        "discoverable" => RootReference.Discoverable,
        _ => RootReference.PartitionUuid,
    };

    public static FileSystemKind FileSystem(string? word) => word switch
    {
        "ext4" => FileSystemKind.Ext4,
        "fat" => FileSystemKind.Fat,
        "swap" => FileSystemKind.Swap,
        "squashfs" => FileSystemKind.Squashfs,
        "erofs" => FileSystemKind.Erofs,
        _ => FileSystemKind.None,
    };

    public static CompressionKind Packing(string? word) => word switch
    {
        "gzip" => CompressionKind.Gzip,
        "xz" => CompressionKind.Xz,
        _ => CompressionKind.Zstandard,
    };

    public static ErofsCompression ErofsPacking(string? word) => word == "none" ? ErofsCompression.None : ErofsCompression.Lz4;

    /// <summary>The schema lists the words: a power of two with its unit.</summary>
    public static int? BlockBytes(string? word) => word switch
    {
        null => null,
        "1MiB" => 1 << 20,
        _ => int.TryParse(word.Replace("KiB", "", StringComparison.Ordinal), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count << 10 : null,
    };

    public static OutputKind Output(string? word) => word switch
    {
        "iso" or "iso-efi" or "iso-bios" => OutputKind.Iso,
        "live" or "raw-efi" => OutputKind.Live,
        "kernel+initrd" => OutputKind.KernelInitrd,
        "tar-kernel-initrd" => OutputKind.TarKernelInitrd,
        "kernel+squashfs" => OutputKind.KernelSquashfs,
        "esp" => OutputKind.Esp,
        "netboot" => OutputKind.Netboot,
        _ => OutputKind.Disk,
    };

    public static LiveRootKind LiveRoot(string? word) => word switch
    {
        "erofs" => LiveRootKind.Erofs,
        "initrd" => LiveRootKind.Initrd,
        _ => LiveRootKind.Squashfs,
    };

    public static LiveRootPlace RootPlace(string? word) => word switch
    {
        "file" => LiveRootPlace.File,
        "partition" => LiveRootPlace.Partition,
        _ => LiveRootPlace.Automatic,
    };

    public static TableKind? Table(string? word) => word switch
    {
        "gpt" => TableKind.Gpt,
        "mbr" => TableKind.Mbr,
        _ => null,
    };

    public static OutputCompression Compression(string? word) => word switch
    {
        "zst" => OutputCompression.Zstandard,
        "xz" => OutputCompression.Xz,
        "gz" => OutputCompression.Gzip,
        _ => OutputCompression.None,
    };

    public static FstabPolicy Fstab(string? word) => word switch
    {
        "discoverable" => FstabPolicy.Discoverable,
        "keep" => FstabPolicy.Keep,
        _ => FstabPolicy.Generate,
    };

    /// <summary>The word that a manifest has for a value.</summary>
    public static string Of(Enum value) => value switch
    {
        BootRom rom => Array.Find(Roms, r => r.Value == rom).Word,
        LoaderKind kind => Array.Find(Loaders, l => l.Value == kind).Word,
        BootMethod.UefiFiles => "uefi-files",
        BootMethod.GrubEfi => "grub-efi",
        BootMethod.SystemdBoot => "systemd-boot",
        BootMethod.GrubBios => "grub-bios",
        BootMethod.BootScr => "boot-scr",
        RootReference.PartitionUuid => "partuuid",
        RootReference.FileSystemUuid => "uuid",
        OutputKind.KernelInitrd => "kernel+initrd",
        OutputKind.TarKernelInitrd => "tar-kernel-initrd",
        OutputKind.KernelSquashfs => "kernel+squashfs",
        OutputCompression.Zstandard => "zst",
        OutputCompression.Gzip => "gz",
        CompressionKind.Zstandard => "zstd",
        _ => value.ToString().ToLowerInvariant(),
    };

    /// <summary>The bit of the GPT attributes that a flag stands for (UEFI 2.10 table 5.8, Discoverable Partitions Specification); null where it has none.</summary>
    public static int? GptAttribute(string flag) => flag switch
    {
        "required" => 0,
        "no-block-io" => 1,
        "legacy-boot" => 2,
        "grow" => 59,
        "read-only" => 60,
        "no-auto" => 63,
        _ => null,
    };
}
