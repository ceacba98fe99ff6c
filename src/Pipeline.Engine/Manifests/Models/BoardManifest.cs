using System.Collections.Immutable;
using Pipeline.Core.Compression;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Units;
using Pipeline.Disk.Erofs;
using Pipeline.Disk.Loaders;
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

    /// <summary>What reads the medium first and asks something of it; null checks nothing of the kind.</summary>
    public BootRom? Rom { get; init; }

    /// <summary>How Raspberry Pi Imager knows the machine; null where it does not. Decides no bytes.</summary>
    public ImagerDevice? Imager { get; init; }

    /// <summary>True for a board that came with the tool and not from the repository.</summary>
    public bool IsShipped { get; init; }

    /// <summary>Who said the layout.</summary>
    public LayoutOrigin Origin { get; init; } = LayoutOrigin.Board;

    /// <summary>A container may carry the layout as a file, which is known once it is unpacked; until then there are no partitions.</summary>
    public bool IsUnread => Origin == LayoutOrigin.ContainerTree && Partitions.IsEmpty;
}

/// <param name="Tags">Of the list of devices that Imager has; a disk for any of them is shown.</param>
/// <param name="Architecture"><c>armel</c>, <c>armhf</c> or <c>armv8</c>: what is shown first.</param>
/// <param name="Icon">An address; null for none.</param>
public sealed record ImagerDevice(string Name, ImmutableArray<string> Tags, string? Architecture, string? Icon);

/// <summary>Where the layout of a disk was written: in a board's file, in a label of the container, in a file of it, or beside the image's manifest.</summary>
public enum LayoutOrigin
{
    Board,
    ContainerLabel,
    ContainerTree,
    Manifest,
}

/// <summary>Boot ROMs (or first firmwares) by what they ask of a layout.</summary>
public enum BootRom
{
    /// <summary>Raspberry Pi 0 to 3: the ROM reads an MBR.</summary>
    RaspberryPi,

    /// <summary>Raspberry Pi 4 and later: the firmware in the EEPROM.</summary>
    RaspberryPi4,
    TiK3,
    Am335x,
    Rockchip,
    Allwinner,
    Amlogic,
    Imx6,

    /// <summary>i.MX8MN, 8MP, 8ULP, 93, 95: at 32 KiB.</summary>
    Imx8,

    /// <summary>i.MX8MM: at 33 KiB.</summary>
    Imx8Mm,

    /// <summary>i.MX8MQ: at 32 or 33 KiB.</summary>
    Imx8Mq,
    Jh7110,
    SiFive,
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
    TableKind Kind, int EntryCount, long? FirstUsableLba, long EntriesLba, ByteSize Alignment, string? Id, SourceSpan? Span)
{
    /// <summary>GPT: what the MBR beside it shows too, at most three; usually nothing.</summary>
    public ImmutableArray<HybridEntry> Hybrid { get; init; } = [];
}

/// <summary>A partition of a GPT that the MBR beside it shows too.</summary>
/// <param name="Partition">Its name.</param>
/// <param name="TypeId">Two hex digits.</param>
public sealed record HybridEntry(string Partition, string TypeId, bool Active, SourceSpan? Span);

public enum FileSystemKind
{
    None,
    Ext4,
    Fat,
    Swap,
    Squashfs,
    Erofs,
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
    string? MountPoint, PartitionFlags Flags, ByteSize? FreeSpace, string? Id, SourceSpan? Span)
{
    /// <summary>Without meaning for a fixed size; null is as large as can be.</summary>
    public ByteSize? Maximum { get; init; }

    /// <summary>The name of another partition whose files it carries too; null for none.</summary>
    public string? CopyOf { get; init; }

    /// <summary>GPT: the name in the table where that is another than <see cref="Name"/>.</summary>
    public string? Label { get; init; }

    /// <summary>GPT: the name in the table.</summary>
    public string TableName => Label ?? Name;

    /// <summary>A file of the source whose bytes are the partition's content; only where there is no file system. Absolute, no pattern.</summary>
    public string? RawContent { get; init; }
}

/// <param name="GptAttributes">GPT attribute bits, 0 to 63, all flags folded in.</param>
/// <param name="Active">MBR: the active (bootable) flag.</param>
/// <param name="Grow">Grows on first boot.</param>
public sealed record PartitionFlags(ulong GptAttributes, bool Active, bool Grow, bool ReadOnly);

/// <param name="FatBits">12, 16, 32, or null: by size.</param>
/// <param name="Id">ext4, swap, erofs: UUID. FAT: eight hex digits. Null derives it.</param>
/// <param name="Heads">FAT geometry; null is derived.</param>
public sealed record FileSystemManifest(
    FileSystemKind Kind, string? Label, string? Id, int? FatBits, int? Heads, int? SectorsPerTrack, SourceSpan? Span)
{
    /// <summary>FAT: sectors before the first table; null is derived.</summary>
    public int? ReservedSectors { get; init; }

    /// <summary>FAT: names in the root directory that come first on the disk, in this order.</summary>
    public ImmutableArray<string> FirstFiles { get; init; } = [];

    /// <summary>Never written to once it is made.</summary>
    public bool IsReadOnly => Kind is FileSystemKind.Squashfs or FileSystemKind.Erofs;

    /// <summary>How a squashfs or an erofs is packed.</summary>
    public PackingManifest Packing { get; init; } = PackingManifest.Default;
}

/// <param name="Level">Null is the default of the compression.</param>
/// <param name="BlockBytes">A power of two from 4 KiB to 1 MiB; null is 128 KiB.</param>
public sealed record PackingManifest(CompressionKind Compression, int? Level, int? BlockBytes)
{
    /// <summary>How an erofs is packed, which knows neither levels nor other blocks.</summary>
    public ErofsCompression Erofs { get; init; } = ErofsCompression.Lz4;

    public static PackingManifest Default { get; } = new(CompressionKind.Zstandard, null, null);
}

/// <summary>A bootloader that lies at a place of its own on the medium.</summary>
/// <param name="ContainerPath">Path (glob with exactly one match) in the source, or in <see cref="Image"/> or <see cref="PackagePath"/> where those are set; or else</param>
/// <param name="RepositoryPath">absolute path in the repository.</param>
/// <param name="Sha256">Of its bytes; null is not checked.</param>
/// <param name="Limit">It must not be longer.</param>
/// <param name="KeepRanges">Byte ranges of the medium that the blob must leave alone (MBR payloads); relative to the medium.</param>
public sealed record RawBlob(
    string Name, string? ContainerPath, string? RepositoryPath, string? Sha256, ByteSize Offset, ByteSize? Limit,
    ImmutableArray<(long FirstByte, long EndByte)> KeepRanges, SourceSpan? Span)
{
    /// <summary>Another image in which it lies; null is the source.</summary>
    public BlobImage? Image { get; init; }

    /// <summary>Path (glob with exactly one match) of a Debian package in the source or in <see cref="Image"/>, in which it lies.</summary>
    public string? PackagePath { get; init; }

    /// <summary>Fills what is left up to <see cref="Limit"/>, which is then there; null fills nothing.</summary>
    public byte? Padding { get; init; }

    /// <summary>What it must begin with; null is not checked.</summary>
    public LoaderKind? Expect { get; init; }

    /// <summary>Its bytes on the medium where they are known to be more than those of its file: padded to the limit.</summary>
    public long LengthOnMedium(long fileBytes) => Padding is not null && Limit is { } limit ? Math.Max(fileBytes, limit.Bytes) : fileBytes;
}

/// <summary>An image that is looked at beside the source.</summary>
/// <param name="Platform">Null is the board's.</param>
public sealed record BlobImage(ImageSource Source, Platform? Platform);

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

    /// <summary>What the source brought: found out once it is unpacked. Only for layouts that a container carries.</summary>
    Automatic,
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
