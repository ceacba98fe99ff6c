using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Units;
using Pipeline.Oci.Platforms;

namespace Pipeline.Engine.Manifests.Models;

/// <summary>One <c>boards/NAME.yaml</c>: the disk of a machine and how it boots.</summary>
public sealed record BoardManifest
{
    public required string Name { get; init; }

    public required SourceSpan Span { get; init; }

    public required string Description { get; init; }

    public required Platform Platform { get; init; }

    /// <summary>512 or 4096.</summary>
    public required int SectorBytes { get; init; }

    public required PartitionTable Table { get; init; }

    public required ImmutableArray<Partition> Partitions { get; init; }

    public required ImmutableArray<RawBlob> Blobs { get; init; }

    public required BootManifest Boot { get; init; }

    /// <summary>Size of the whole medium; null is just large enough.</summary>
    public ByteSize? DiskSize { get; init; }

    /// <summary>Round the medium up to a power of two (SD cards in emulators want it).</summary>
    public bool PowerOfTwoSize { get; init; }

    /// <summary>How far it was tried: <c>none</c> (written from documentation), <c>qemu</c>, <c>hardware</c>. For people.</summary>
    public string Verified { get; init; } = "none";

    /// <summary>Where the facts of the file come from. For people.</summary>
    public ImmutableArray<string> Sources { get; init; } = [];

    /// <summary>True for a board that came with the tool and not from the repository.</summary>
    public bool IsShipped { get; init; }
}

public enum TableKind
{
    Gpt,
    Mbr,
}

/// <param name="EntryCount">GPT: number of entries, 128 unless a boot ROM wants less.</param>
/// <param name="FirstUsableLba">GPT: null is right behind the entries.</param>
/// <param name="EntriesLba">GPT: first sector of the entries, 2 unless they must make room for a blob.</param>
/// <param name="Alignment">Where partitions begin: a multiple of this.</param>
/// <param name="Id">Disk GUID or MBR signature as written; null derives it.</param>
public sealed record PartitionTable(
    TableKind Kind, int EntryCount, long? FirstUsableLba, long EntriesLba, ByteSize Alignment, string? Id, SourceSpan? Span);

public enum FileSystemKind
{
    None,
    Ext4,
    Fat,
    Swap,
}

/// <summary>How long a partition is: as long as told, as long as its content needs, or all that is left.</summary>
public enum SizeRule
{
    Fixed,
    Content,
    Rest,
}

/// <param name="TypeId">GPT: a type GUID. MBR: two hex digits. Names (<c>esp</c>, <c>root</c>) are already resolved.</param>
/// <param name="Offset">Null is the next free aligned place.</param>
/// <param name="Size">With <see cref="SizeRule.Fixed"/> the size; otherwise the least size, or null.</param>
public sealed record Partition(
    string Name, string TypeId, FileSystemManifest FileSystem, SizeRule SizeRule, ByteSize? Size, ByteSize? Offset,
    string? MountPoint, PartitionFlags Flags, ByteSize? FreeSpace, string? Id, SourceSpan? Span);

/// <param name="GptAttributes">GPT attribute bits, 0 to 63, all flags folded in.</param>
/// <param name="Active">MBR: the active (bootable) flag.</param>
/// <param name="Grow">Grows on first boot.</param>
public sealed record PartitionFlags(ulong GptAttributes, bool Active, bool Grow, bool ReadOnly);

/// <param name="FatBits">12, 16, 32, or null: by size.</param>
/// <param name="Id">ext4: UUID. FAT: eight hex digits. Null derives it.</param>
/// <param name="Heads">FAT geometry; null is derived.</param>
public sealed record FileSystemManifest(
    FileSystemKind Kind, string? Label, string? Id, int? FatBits, int? Heads, int? SectorsPerTrack, SourceSpan? Span);

/// <summary>A bootloader that lies at a place of its own on the medium.</summary>
/// <param name="ContainerPath">Path (glob with exactly one match) in the source; or else</param>
/// <param name="RepositoryPath">absolute path in the repository.</param>
/// <param name="Sha256">Of the repository file; null is not checked.</param>
/// <param name="Limit">It must not be longer.</param>
/// <param name="KeepRanges">Byte ranges of the medium that the blob must leave alone (MBR payloads); relative to the medium.</param>
public sealed record RawBlob(
    string Name, string? ContainerPath, string? RepositoryPath, string? Sha256, ByteSize Offset, ByteSize? Limit,
    ImmutableArray<(long FirstByte, long EndByte)> KeepRanges, SourceSpan? Span);

public enum BootMethod
{
    None,
    UefiFiles,
    GrubEfi,
    SystemdBoot,
    Extlinux,
    GrubBios,
    BootScr,
    Raspberrypi,
    Uki,
}

public enum RootReference
{
    PartitionUuid,
    FileSystemUuid,
    Discoverable,
}

/// <param name="Method">The one that the board names first; see <see cref="Methods"/>.</param>
/// <param name="DeviceTree">Path below the kernel's device trees, such as <c>allwinner/sun8i-h3-orangepi-pc.dtb</c>; null for none or the firmware's.</param>
/// <param name="FirmwareFiles">Container path (glob) to path on the boot FAT.</param>
public sealed record BootManifest(
    BootMethod Method, ImmutableArray<string> KernelArguments, RootReference Root, string? DeviceTree,
    ImmutableArray<(string ContainerPath, string TargetPath)> FirmwareFiles, SourceSpan? Span)
{
    /// <summary>Methods beside the first, for a disk that boots in several ways.</summary>
    public ImmutableArray<BootMethod> FurtherMethods { get; init; } = [];

    public IEnumerable<BootMethod> Methods => FurtherMethods.Prepend(Method);
}
