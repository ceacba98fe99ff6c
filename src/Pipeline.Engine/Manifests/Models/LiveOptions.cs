using System.Collections.Immutable;
using Pipeline.Core.Units;

namespace Pipeline.Engine.Manifests.Models;

/// <summary>What the root file system of a live system is packed as.</summary>
public enum LiveRootKind
{
    Squashfs,
    Erofs,

    /// <summary>The whole system is the initrd: a cpio archive. Only over the network.</summary>
    Initrd,
}

/// <summary>Where the root image lies on a live disk.</summary>
public enum LiveRootPlace
{
    /// <summary>A file beside the kernel while FAT can hold it; a partition of its own otherwise.</summary>
    Automatic,
    File,
    Partition,
}

/// <summary>What outputs that run from a packed root have in common: <c>iso</c>, <c>live</c>, <c>esp</c> and <c>netboot</c>.</summary>
public sealed record LiveOptions
{
    public static LiveOptions Default { get; } = new();

    public LiveRootKind Root { get; init; } = LiveRootKind.Squashfs;

    public PackingManifest Packing { get; init; } = PackingManifest.Default;

    /// <summary>Paths that stay out of the root image, as patterns of <c>LiveExclusion</c>. Nothing stays out by itself.</summary>
    public ImmutableArray<string> Exclude { get; init; } = [];

    /// <summary>By which the running system finds its medium; null is the default of the kind.</summary>
    public string? Label { get; init; }

    /// <summary>Room on the medium that keeps what is written; null forgets it at power off.</summary>
    public ByteSize? Persistence { get; init; }

    /// <summary>The root image is read through dm-verity, whose root hash stands on the kernel command line.</summary>
    public bool Verity { get; init; }

    /// <summary>Where a machine fetches the files from, with a slash at its end; null where the script itself came from.</summary>
    public string? BaseUrl { get; init; }

    /// <summary>Beside the other files of <c>netboot</c>, one program that UEFI firmware fetches by itself.</summary>
    public bool Efi { get; init; }

    public LiveRootPlace RootPlace { get; init; } = LiveRootPlace.Automatic;

    /// <summary>Null where the system carries no image.</summary>
    public PayloadImage? Payload { get; init; }

    /// <summary>Null is the board's.</summary>
    public TableKind? Table { get; init; }
}
