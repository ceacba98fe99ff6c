using Pipeline.Oci.Platforms;

namespace Pipeline.Engine.Building.Boot;

/// <summary>What UEFI calls an architecture: UEFI 2.10 §3.5.1.1.</summary>
internal static class EfiNames
{
    /// <summary>The suffix of loaders in lower case: <c>x64</c>, <c>aa64</c>.</summary>
    public static string Suffix(Platform platform) => platform.Architecture switch
    {
        "amd64" => "x64",
        "386" => "ia32",
        "arm64" => "aa64",
        "arm" => "arm",
        "riscv64" => "riscv64",
        "loong64" => "loongarch64",
        var other => other,
    };

    /// <summary>The loader that firmware starts from a medium without boot entries.</summary>
    public static string Default(Platform platform) => $"BOOT{Suffix(platform).ToUpperInvariant()}.EFI";

    /// <summary>GRUB's own word for the platform.</summary>
    public static string GrubTarget(Platform platform) => platform.Architecture switch
    {
        "amd64" => "x86_64-efi",
        "386" => "i386-efi",
        "arm" => "arm-efi",
        "riscv64" => "riscv64-efi",
        _ => "arm64-efi",
    };
}
