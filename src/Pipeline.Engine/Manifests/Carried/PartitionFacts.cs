using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Units;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Manifests.Reading;

namespace Pipeline.Engine.Manifests.Carried;

/// <summary>What labels and files of containers say of a partition, each in its own words, on the way to a board's.</summary>
internal sealed record PartitionFacts(TableKind Table, string Name, string TypeId)
{
    private const int GrowBit = 59;
    private const int ReadOnlyBit = 60;

    public long? OffsetBytes { get; init; }

    /// <summary>Null fills the disk.</summary>
    public long? SizeBytes { get; init; }

    /// <summary>What a partition that fills the disk has at least.</summary>
    public long? LeastBytes { get; init; }

    public string? MountPoint { get; init; }

    public ulong Attributes { get; init; }

    public bool IsBootable { get; init; }

    public bool IsRequired { get; init; }

    public FileSystemKind FileSystem { get; init; }

    public string? FileSystemId { get; init; }

    public string? Label { get; init; }

    public int? Heads { get; init; }

    public int? SectorsPerTrack { get; init; }

    public string? RawContent { get; init; }

    public string? Id { get; init; }

    /// <summary>What fills the disk grows with it; in a GPT that a bit says so, the bits are as the container says them.</summary>
    public Partition ToPartition(SourceSpan span)
    {
        var bits = Attributes | Bit("required", IsRequired) | Bit("legacy-boot", IsBootable);
        var isGpt = Table == TableKind.Gpt;
        var grows = FileSystem == FileSystemKind.Ext4 && (SizeBytes is null || (isGpt && HasBit(bits, GrowBit)));
        return new(
            Name, TypeId, new(FileSystem, Label, FileSystemId, null, Heads, SectorsPerTrack, span),
            SizeBytes is null ? SizeRule.Rest : SizeRule.Fixed, (SizeBytes ?? LeastBytes) is { } size ? new ByteSize(size) : null,
            OffsetBytes is { } offset ? new ByteSize(offset) : null, MountPoint,
            new(isGpt ? bits : 0, !isGpt && IsBootable, grows, isGpt && HasBit(bits, ReadOnlyBit)), null, Id, span)
        {
            RawContent = RawContent,
        };
    }

    private static ulong Bit(string flag, bool isSet) => isSet ? 1UL << Words.GptAttribute(flag)!.Value : 0;

    private static bool HasBit(ulong bits, int bit) => (bits & (1UL << bit)) != 0;
}
