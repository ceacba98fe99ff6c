using Pipeline.Core.Blocks;
using Pipeline.Core.Reporting;
using Pipeline.Disk.Gpt;
using Pipeline.Disk.Mbr;
using Pipeline.Disk.Partitioning;
using Pipeline.Engine.Manifests.Models;

namespace Pipeline.Engine.Building.Disks;

/// <summary>Writes a planned disk: file systems into their partitions, then blobs, and the partition table last.</summary>
internal static class DiskAssembler
{
    private const int FillBytes = 1 << 20;

    public static void Write(DiskPlan plan, int parallelism, string path, IActivity activity, CancellationToken ct) =>
        FileSink.Create(path, plan.Placement.DiskBytes, sink =>
        {
            for (var i = 0; i < plan.FileSystems.Length; i++)
            {
                WriteFileSystem(plan, i, sink, parallelism, ct);
                activity.Advance(plan.FileSystems[i]?.LengthBytes ?? 0);
            }
            foreach (var blob in plan.Blobs)
            {
                WriteBlob(blob, sink);
                activity.Advance(blob.Content.LengthBytes);
            }
            if (plan.IsGpt)
                GptWriter.Write(plan.Gpt(), sink);
            else
                MbrWriter.Write(plan.Mbr(), sink);
        });

    private static void WriteFileSystem(DiskPlan plan, int index, FileSink sink, int parallelism, CancellationToken ct)
    {
        if (plan.FileSystems[index] is not { } writer)
            return;
        var window = new SinkWindow(sink, plan.Placement.Partitions[index].OffsetBytes, writer.LengthBytes);
        writer.Pour(window, parallelism, ct);
        writer.Seal(window, ct);
    }

    /// <summary>A blob without the ranges of the medium that it must leave alone.</summary>
    private static void WriteBlob(BlobSource source, FileSink sink)
    {
        var start = source.Blob.Offset.Bytes;
        foreach (var extent in source.Content.Extents)
        {
            var first = start + extent.FileOffset;
            foreach (var piece in Pieces(source.Blob, first, first + extent.LengthBytes))
                sink.CopyFrom(source.Content.Source!, extent.SourceOffset + (piece.OffsetBytes - first), piece.OffsetBytes, piece.LengthBytes);
        }
        if (source.Blob.Padding is { } padding and not 0)
        {
            foreach (var piece in Pieces(source.Blob, start + source.Content.LengthBytes, start + source.Blob.LengthOnMedium(source.Content.LengthBytes)))
                Fill(piece, padding, sink);
        }
    }

    private static IEnumerable<Region> Pieces(RawBlob blob, long first, long end) =>
        new BlobRequest(blob.Name, first, end - first, blob.KeepRanges, null).Pieces();

    private static void Fill(Region region, byte value, FileSink sink)
    {
        var buffer = new byte[(int)Math.Min(region.LengthBytes, FillBytes)];
        Array.Fill(buffer, value);
        for (var offset = region.OffsetBytes; offset < region.EndBytes; offset += buffer.Length)
            sink.Write(offset, buffer.AsSpan(0, (int)Math.Min(buffer.Length, region.EndBytes - offset)));
    }
}
