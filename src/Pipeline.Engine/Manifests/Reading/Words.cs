using Pipeline.Engine.Manifests.Models;

namespace Pipeline.Engine.Manifests.Reading;

/// <summary>The words of the schema and the values of the model; an unknown word was already reported by the schema.</summary>
internal static class Words
{
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
        _ => FileSystemKind.None,
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
        BootMethod.UefiFiles => "uefi-files",
        BootMethod.GrubEfi => "grub-efi",
        BootMethod.SystemdBoot => "systemd-boot",
        BootMethod.GrubBios => "grub-bios",
        BootMethod.BootScr => "boot-scr",
        RootReference.PartitionUuid => "partuuid",
        RootReference.FileSystemUuid => "uuid",
        OutputCompression.Zstandard => "zst",
        OutputCompression.Gzip => "gz",
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
