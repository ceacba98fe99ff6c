using Pipeline.Oci.Platforms;

namespace Pipeline.Engine.Building.Boot;

/// <summary>A kernel under the name by which the firmware of some models looks for it.</summary>
/// <param name="Image">Such as <c>kernel8.img</c>.</param>
/// <param name="Initrd">What Raspberry Pi's own system calls the initrd beside it.</param>
/// <param name="Models">Filters of config.txt; empty for all models.</param>
internal sealed record RaspberryPiKernel(Kernel Kernel, string Image, string Initrd, string[] Models)
{
    public const string Pi5Image = "kernel_2712.img";

    /// <summary>By the end of a version, as Raspberry Pi's own kernels have it.</summary>
    private static readonly (string Ending, string Image, string Initrd, string[] Models)[] Flavours =
    [
        ("v6", "kernel.img", "initramfs", ["pi0", "pi1"]),
        ("v7l", "kernel7l.img", "initramfs7l", ["pi4"]),
        ("v7", "kernel7.img", "initramfs7", ["pi2", "pi3", "pi02"]),
        ("v8", "kernel8.img", "initramfs8", []),
        ("2712", Pi5Image, "initramfs_2712", ["pi5"]),
    ];

    /// <summary>The newest kernel of each flavour; one that names no flavour is for all models of the platform.</summary>
    /// <param name="kernels">The newest first.</param>
    public static IReadOnlyList<RaspberryPiKernel> Choose(IReadOnlyList<Kernel> kernels, Platform platform)
    {
        var named = from kernel in kernels
                    let flavour = Array.Find(Flavours, f => kernel.Version.EndsWith("-" + f.Ending, StringComparison.Ordinal)
                        || kernel.Version.EndsWith($"-rpi-{f.Ending}", StringComparison.Ordinal)
                        || (f.Ending.StartsWith('v') && kernel.Version.EndsWith($"-{f.Ending}+", StringComparison.Ordinal)))
                    where flavour.Image is not null
                    select new RaspberryPiKernel(kernel, flavour.Image, flavour.Initrd, flavour.Models);
        var chosen = named.DistinctBy(k => k.Image).OrderBy(k => k.Models.Length == 0 ? 0 : 1).ThenBy(k => k.Image, StringComparer.Ordinal).ToList();
        if (chosen.Count > 0)
            return chosen.Count == 1 ? [chosen[0] with { Models = [] }] : chosen;
        var (image, initrd) = (platform.Architecture, platform.Variant) switch
        {
            ("arm64", _) => ("kernel8.img", "initramfs8"),
            (_, "v6") => ("kernel.img", "initramfs"),
            _ => ("kernel7.img", "initramfs7"),
        };
        return kernels.Count == 0 ? [] : [new(kernels[0], image, initrd, [])];
    }
}
