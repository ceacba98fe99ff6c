using System.Collections.Immutable;

namespace Pipeline.Engine.Building.Live;

/// <summary>Where an initrd finds the root image.</summary>
/// <param name="Device">In the words of <c>root=</c>: <c>PARTLABEL=C2BOOT</c>, <c>CDLABEL=KIOSK</c>, <c>/dev/mapper/root</c>, or a URL.</param>
internal sealed record LiveMedium(string Device)
{
    /// <summary>What dracut looks for without being told.</summary>
    public const string DracutFile = "squashfs.img";
    public const string DracutDirectory = "/LiveOS";

    /// <summary>The directory of the image on the medium, absolute; null where the device itself is the image.</summary>
    public string? Directory { get; init; }

    public string FileName { get; init; } = DracutFile;

    /// <summary>In the words of <see cref="Device"/>, the partition that keeps what is written; null forgets it.</summary>
    public string? Persistence { get; init; }

    /// <summary>The kind of the root image, where systemd in the initrd opens <see cref="Device"/> and mounts it; null where the initrd's own live system does.</summary>
    public string? MountedType { get; init; }

    /// <summary>Further arguments that the device itself needs.</summary>
    public ImmutableArray<string> Further { get; init; } = [];

    public bool IsUrl => Device.Contains("://", StringComparison.Ordinal) || Device.StartsWith("${", StringComparison.Ordinal);
}
