using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Pipeline.Core.Units;
using Shouldly;

namespace Pipeline.Kit;

/// <summary>
/// Contents of Debian packages of other architectures, with an apt of their own: loaders of boards as their users get them.
/// Kept beside the build's artifacts. Tests read them and never write.
/// </summary>
/// <param name="Release">bookworm or trixie.</param>
/// <param name="Architecture">In Debian's words: arm64, armhf, riscv64.</param>
public sealed record DebianPackages(string Release, string Architecture, params string[] Names)
{
    private static readonly ConcurrentDictionary<string, Lazy<string>> Folders = new(StringComparer.Ordinal);

    /// <summary>GRUB's modules for a PC BIOS: 1 MB.</summary>
    public static readonly DebianPackages Amd64 = new("bookworm", "amd64", "grub-pc-bin");

    /// <summary>U-Boot and firmware of 64-bit Arm boards: 9 MB.</summary>
    public static readonly DebianPackages Arm64 = new("bookworm", "arm64", "u-boot-rockchip", "u-boot-rpi", "u-boot-sunxi", "raspi-firmware");

    /// <summary>U-Boot of 32-bit Arm boards: 4 MB.</summary>
    public static readonly DebianPackages Arm = new("bookworm", "armhf", "u-boot-imx", "u-boot-omap", "u-boot-rpi", "u-boot-sunxi");

    /// <summary>U-Boot of RISC-V boards: 1 MB.</summary>
    public static readonly DebianPackages Riscv64 = new("trixie", "riscv64", "u-boot-sifive", "u-boot-starfive");

    /// <summary>A file of the packages; null when none of them has it.</summary>
    /// <param name="path">Absolute, as in the installed system.</param>
    public byte[]? Read(string path)
    {
        var file = Path.Combine(Folder, path.TrimStart('/'));
        return File.Exists(file) ? File.ReadAllBytes(file) : null;
    }

    /// <summary>Where they are unpacked, as below <c>/</c>.</summary>
    public string Folder
    {
        get
        {
            var key = Digest.Sha256(Encoding.UTF8.GetBytes(string.Join(' ', [Release, Architecture, .. Names]))).Short;
            var folder = Path.Combine(DebianMinimal.Repository, ".artifacts", "debian-packages", $"{Release}-{Architecture}-{key}");
            return Folders.GetOrAdd(folder, f => new(() => Directory.Exists(f) ? f : Unpack(f))).Value;
        }
    }

    private string Unpack(string folder)
    {
        var staged = $"{folder}.{Environment.ProcessId}";
        var script = Path.Combine(DebianMinimal.Repository, "tests/Kit/debian-packages.sh");
        var cache = Path.Combine(DebianMinimal.Repository, ".artifacts", "debian-minimal", "downloads");
        var run = Tool.Run(new ProcessStartInfo(script, [Release, Architecture, staged, cache, .. Names]));
        run.ExitCode.ShouldBe(0, run.Output);
        // By rename: a folder that is there is complete. Another run of the tests may have been quicker.
        if (!Directory.Exists(folder))
            Directory.Move(staged, folder);
        return folder;
    }
}
