using Pipeline.Core.Blocks;
using Pipeline.Core.Reporting;
using Pipeline.Disk.Gpt;
using Pipeline.Disk.Mbr;
using Pipeline.Engine.Manifests.Models;

namespace Pipeline.Engine.Building.Disks;

/// <summary>Writes a planned disk: file systems into their partitions, then blobs, and the partition table last.</summary>
internal static class DiskAssembler
{
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
            var (next, end) = (start + extent.FileOffset, start + extent.FileOffset + extent.LengthBytes);
            foreach (var (first, last) in Keeps(source.Blob).Append((end, end)))
            {
                var stop = Math.Clamp(first, next, end);
                if (stop > next)
                    sink.CopyFrom(source.Content.Source!, extent.SourceOffset + (next - start - extent.FileOffset), next, stop - next);
                next = Math.Clamp(last, stop, end);
            }
        }
    }

    private static IEnumerable<(long First, long End)> Keeps(RawBlob blob) =>
        (blob.KeepRanges.IsDefault ? [] : blob.KeepRanges).OrderBy(r => r.FirstByte);
}
