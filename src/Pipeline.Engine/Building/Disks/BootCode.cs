using System.Collections.Immutable;
using Pipeline.Core.Blocks;
using Pipeline.Core.Files;
using Pipeline.Core.Units;
using Pipeline.Disk;
using Pipeline.Disk.Grub;
using Pipeline.Disk.Partitioning;
using Pipeline.Engine.Manifests.Models;

namespace Pipeline.Engine.Building.Disks;

/// <summary>What a PC BIOS starts: code in sector 0, and GRUB's core image in a partition of its own or behind the MBR.</summary>
/// <param name="BootImage">GRUB's <c>boot.img</c>.</param>
/// <param name="PartitionIndex">Of the partition that holds the core image; null puts it behind sector 0.</param>
internal sealed record BootCode(byte[] BootImage, GrubPcCore Core, int? PartitionIndex)
{
    private const long GapLba = 1;

    /// <summary>What must lie at a place of its own: asked before anything has a place.</summary>
    public IEnumerable<BlobRequest> Requests() =>
        Blobs(GapLba).Select(b => new BlobRequest(b.Blob.Name, b.Blob.Offset.Bytes, b.Content.LengthBytes, [], null));

    /// <summary>The same with the place of the core image known.</summary>
    public IEnumerable<BlobSource> Blobs(Placement placement) =>
        Blobs(PartitionIndex is { } index ? placement.Partitions[index].OffsetBytes / GrubPcCore.SectorBytes : GapLba);

    private IEnumerable<BlobSource> Blobs(long coreLba)
    {
        yield return Blob("grub boot code", 0, GrubPcBootSector.Make(BootImage, coreLba));
        if (PartitionIndex is null)
            yield return Blob("grub core image", coreLba, Core.At(coreLba));
    }

    private static BlobSource Blob(string name, long lba, byte[] bytes) => new(
        new RawBlob(name, null, null, null, new ByteSize(lba * GrubPcCore.SectorBytes), null, ImmutableArray<(long, long)>.Empty, null), FileContent.Of(bytes));
}

/// <summary>GRUB's core image as the content of a partition.</summary>
internal sealed class GrubCorePartition(GrubPcCore core, long offsetBytes) : IFileSystemWriter
{
    public long LengthBytes => core.LengthBytes;

    public IEnumerable<Region> Regions() => [new(0, core.LengthBytes, "grub core image")];

    public void Pour(IBlockSink sink, int parallelism, CancellationToken ct) => sink.Write(0, core.At(offsetBytes / GrubPcCore.SectorBytes));

    public void Seal(IBlockSink sink, CancellationToken ct)
    {
    }
}
