using Pipeline.Engine.Building.Live;
using Pipeline.Engine.Building.Live.Initrds;

namespace Pipeline.Engine.Building.Isos;

/// <summary>Where things lie on an ISO: the contract's places, and live-boot's for its own initrds.</summary>
internal static class IsoPaths
{
    public const string Kernels = "/images/pxeboot";
    public const string EfiImage = "/images/efiboot.img";
    public const string BiosImage = "/images/eltorito.img";

    /// <summary>GRUB's folder for a BIOS; also the prefix in its core image.</summary>
    public const string Grub = "/boot/grub2";

    /// <summary>Where GRUBs of Debian look that were made for removable media.</summary>
    public const string DebianGrub = "/boot/grub";

    public const string DiscInfo = "/.discinfo";

    /// <summary>The newest kernel lies where the contract says, others in folders of their versions.</summary>
    public static string FolderOf(LiveSystem system, LiveKernel kernel) =>
        ReferenceEquals(system.Kernels[0], kernel) ? Kernels : $"{Kernels}/{kernel.Version}";

    public static string Linux(string folder) => folder + "/vmlinuz";

    public static string Initrd(string folder) => folder + "/initrd.img";

    /// <param name="label">Of the volume.</param>
    public static LiveMedium MediumOf(LiveSystem system, string label) => new("CDLABEL=" + label)
    {
        Directory = system.Kernels[0].Facts.Family == InitrdFamily.LiveBoot ? "/live" : LiveMedium.DracutDirectory,
        FileName = system.Kernels[0].Facts.Family == InitrdFamily.LiveBoot ? "filesystem.squashfs" : LiveMedium.DracutFile,
    };
}
