using System.Collections.Immutable;
using Pipeline.Core.Blocks;
using Pipeline.Core.Diagnostics;
using Pipeline.Disk.Gpt;

namespace Pipeline.Disk.Partitioning;

public enum TableKind
{
    Gpt,
    Mbr,
}

/// <summary>A disk that is wanted: its table, its partitions in their order, and what lies beside them.</summary>
public sealed record PlacementRequest
{
    public required TableKind Table { get; init; }

    /// <summary>512 or 4096.</summary>
    public int SectorBytes { get; init; } = 512;

    /// <summary>GPT: 4 to 1024.</summary>
    public int EntryCount { get; init; } = GptTable.DefaultEntryCount;

    /// <summary>GPT: the first sector of the entries.</summary>
    public long EntriesLba { get; init; } = GptTable.DefaultEntriesLba;

    /// <summary>Where the first partition may begin; null is <see cref="GptTable.DefaultFirstUsableLba"/>, with an MBR sector 1.</summary>
    public long? FirstUsableLba { get; init; }

    /// <summary>Partitions without an offset begin at a multiple of this, which is one of the sector size.</summary>
    public long AlignmentBytes { get; init; } = 1 << 20;

    /// <summary>The length of the disk; null is just large enough, rounded up to 1 MiB.</summary>
    public long? DiskBytes { get; init; }

    /// <summary>Rounds the length of the disk up to a power of two.</summary>
    public bool PowerOfTwo { get; init; }

    public required ImmutableArray<PartitionRequest> Partitions { get; init; }

    public ImmutableArray<BlobRequest> Blobs { get; init; } = [];

    /// <summary>GPT: indices of partitions that a hybrid MBR shows too.</summary>
    public ImmutableArray<int> Hybrid { get; init; } = [];

    /// <summary>Where the table was written down, for complaints that no partition or blob is to blame for.</summary>
    public SourceSpan? Span { get; init; }
}

/// <param name="OffsetBytes">Null is the next free aligned place.</param>
/// <param name="LengthBytes">Rounded up to whole sectors; null is the rest of the disk.</param>
/// <param name="MinimumBytes">What the content needs: a shorter length or rest is refused.</param>
public sealed record PartitionRequest(string Name, long? OffsetBytes, long? LengthBytes, long MinimumBytes, SourceSpan? Span)
{
    /// <summary>A rest takes no more than this; null is all that there is.</summary>
    public long? MaximumBytes { get; init; }

    /// <summary>GPT: its name in the table; null is <see cref="Name"/>.</summary>
    public string? Label { get; init; }
}

/// <summary>A bootloader at a place of its own.</summary>
/// <param name="LengthBytes">What it has, or may have at most.</param>
/// <param name="KeepRanges">Bytes of the disk that it leaves alone, although they lie in its range.</param>
/// <param name="MayLieInPartition">It may lie wholly inside a partition; no partition is moved out of its way.</param>
public sealed record BlobRequest(
    string Name, long OffsetBytes, long LengthBytes, ImmutableArray<(long FirstByte, long EndByte)> KeepRanges, SourceSpan? Span,
    bool MayLieInPartition = false)
{
    /// <summary>What of the disk it really covers: its range without what it keeps.</summary>
    public IEnumerable<Region> Pieces()
    {
        var (next, end) = (OffsetBytes, OffsetBytes + LengthBytes);
        foreach (var keep in (KeepRanges.IsDefault ? [] : KeepRanges).OrderBy(r => r.FirstByte))
        {
            var (first, last) = (Math.Clamp(keep.FirstByte, next, end), Math.Clamp(keep.EndByte, next, end));
            if (first > next)
                yield return new(next, first - next, Name);
            next = Math.Max(next, last);
        }
        if (next < end)
            yield return new(next, end - next, Name);
    }
}

public sealed record PlacedPartition(string Name, long OffsetBytes, long LengthBytes)
{
    public Region Region => new(OffsetBytes, LengthBytes, Name);

    /// <summary>Where the extended boot record of a logical partition lies, before it; null for others.</summary>
    public long? BootRecordBytes { get; init; }
}

/// <param name="Partitions">In the order of the request.</param>
/// <param name="Blobs">One a blob in the order of the request, whole; see <see cref="BlobRequest.Pieces"/> for what is kept.</param>
public sealed record Placement(
    long DiskBytes, long FirstUsableLba, ImmutableArray<PlacedPartition> Partitions, ImmutableArray<Region> Blobs);
