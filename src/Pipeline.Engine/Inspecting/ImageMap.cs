using System.Collections.Immutable;

namespace Pipeline.Engine.Inspecting;

/// <summary>What lies in an image file. Plain values only, so that it can be written as JSON as it is; offsets and lengths in bytes.</summary>
/// <param name="Sha256">Of the whole file, <c>sha256:…</c>.</param>
/// <param name="Table">Null where there is no partition table.</param>
/// <param name="FileSystem">What fills the file from its first byte: an image without a table, or an ISO that has one too.</param>
/// <param name="RawRegions">Data outside of partitions and tables, such as bootloaders.</param>
/// <param name="FreeRegions">What no partition, table and raw region covers.</param>
public sealed record ImageMap(
    string Path, long LengthBytes, string Sha256, TableMap? Table, FileSystemMap? FileSystem,
    ImmutableArray<PartitionMap> Partitions, ImmutableArray<RawRegionMap> RawRegions, ImmutableArray<FreeRegionMap> FreeRegions);

/// <param name="Kind"><c>gpt</c> or <c>mbr</c>.</param>
/// <param name="EntryCount">GPT only, as the three after it.</param>
/// <param name="Regions">The bytes that the table itself covers.</param>
public sealed record TableMap(
    string Kind, string Id, int SectorBytes, int? EntryCount, long? EntriesLba, long? FirstUsableLba, long? LastUsableLba,
    ImmutableArray<TableRegionMap> Regions);

public sealed record TableRegionMap(long OffsetBytes, long LengthBytes, string Name);

/// <param name="Number">As the system counts them, from 1.</param>
/// <param name="Type">A GUID, or <c>0x0c</c>.</param>
/// <param name="TypeName">In words; null where it is not known.</param>
/// <param name="Id">The PARTUUID.</param>
/// <param name="Flags">Such as <c>active</c>, <c>required</c>, <c>bit 59 (grow)</c>.</param>
public sealed record PartitionMap(
    int Number, string Name, long OffsetBytes, long LengthBytes, string Type, string? TypeName, string Id,
    ImmutableArray<string> Flags, FileSystemMap? FileSystem);

/// <param name="Kind">Such as <c>ext4</c>, <c>fat32</c>, <c>swap</c>, <c>squashfs</c>.</param>
/// <param name="LengthBytes">What the file system says of itself; null where it does not.</param>
/// <param name="UsedBytes">Null where it cannot be told cheaply.</param>
public sealed record FileSystemMap(string Kind, string? Label, string? Id, long? LengthBytes, long? UsedBytes);

/// <param name="Description">What was recognised; null for data of an unknown kind.</param>
public sealed record RawRegionMap(long OffsetBytes, long LengthBytes, string? Description);

public sealed record FreeRegionMap(long OffsetBytes, long LengthBytes);
