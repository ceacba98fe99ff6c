using System.Collections.Immutable;
using Pipeline.Core.Files;

namespace Pipeline.Disk.Iso;

/// <summary>What an ISO shall be, apart from its tree.</summary>
public sealed record IsoOptions
{
    /// <summary>1 to 32 characters of A-Z a-z 0-9 _ - . + (the standard has capitals only; every reader takes these).</summary>
    public required string VolumeId { get; init; }

    public string SystemId { get; init; } = "LINUX";

    /// <summary>At most 128 characters of ASCII; what is longer is cut.</summary>
    public string Publisher { get; init; } = "";

    /// <inheritdoc cref="Publisher"/>
    public string Preparer { get; init; } = "";

    /// <inheritdoc cref="Publisher"/>
    public string Application { get; init; } = "";

    /// <summary>When the volume was made.</summary>
    public UnixTime Clock { get; init; }

    /// <summary>Starts the ISO as a CD where there is a BIOS.</summary>
    public IsoBiosBoot? Bios { get; init; }

    /// <summary>The path of a FAT image in the tree, which UEFI firmware starts from. With a <see cref="Table"/> it is a partition too.</summary>
    public string? EfiImagePath { get; init; }

    /// <summary>Makes the ISO a disk as well; null for a CD only.</summary>
    public IsoTable? Table { get; init; }

    /// <summary>Whether sums for <c>checkisomd5</c> are put into the volume descriptor. Contents are then poured in their order.</summary>
    public bool HasMediaCheck { get; init; }
}

/// <summary>A boot image that a BIOS starts from a CD, without emulation.</summary>
/// <param name="ImagePath">A file of the tree. A table of its place is written into its bytes 8 to 63.</param>
/// <param name="LoadSectors">How many sectors of 512 bytes the BIOS loads.</param>
/// <param name="IsGrub">Whether the image is GRUB's: <c>cdboot.img</c> with a core image behind it, which must know its own place.</param>
public sealed record IsoBiosBoot(string ImagePath, int LoadSectors = 4, bool IsGrub = false);

/// <summary>
/// A GPT over the ISO: partition 1 is the ISO itself and can be mounted, 2 is the image of <see cref="IsoOptions.EfiImagePath"/>
/// where there is one, then come <see cref="Behind"/>.
/// </summary>
public sealed record IsoTable
{
    public required Guid DiskGuid { get; init; }

    public required Guid IsoGuid { get; init; }

    public required Guid EfiGuid { get; init; }

    /// <summary>GRUB's <c>boot_hybrid.img</c>, which starts the boot image of <see cref="IsoOptions.Bios"/> from a disk; null for none.</summary>
    public byte[]? HybridBootCode { get; init; }

    /// <summary>Partitions behind the volume. They may be written to: the media check ends before them.</summary>
    public ImmutableArray<IsoPartition> Behind { get; init; } = [];
}

/// <summary>A partition behind the ISO's volume.</summary>
/// <param name="Name">At most 36 UTF-16 units.</param>
/// <param name="FileSystem">Poured and sealed with the ISO.</param>
public sealed record IsoPartition(string Name, Guid TypeGuid, Guid UniqueGuid, IFileSystemWriter FileSystem);
