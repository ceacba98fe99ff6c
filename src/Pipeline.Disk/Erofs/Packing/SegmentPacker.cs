using Pipeline.Core.Compression;
using Pipeline.Disk.Erofs.Placing;
using static Pipeline.Disk.Erofs.ErofsFormat;

namespace Pipeline.Disk.Erofs.Packing;

/// <summary>
/// Packs segments into clusters: as many bytes as fit into 64 KiB, then the next. What does not become shorter lies as it
/// is, for the next 64 KiB, before packing is tried again. A thread has one of its own.
/// </summary>
internal sealed class SegmentPacker
{
    private readonly Lz4Blocks _compressor = new();
    private readonly byte[] _cluster = new byte[MaxClusterBlocks * BlockBytes];

    public void Pack(Segment segment)
    {
        segment.Read();
        if (segment.Job.Packs)
        {
            for (var at = 0; at < segment.Input.Length;)
                at += PackCluster(segment, segment.Input[at..]);
        }
        if (!segment.Job.Packs || (segment.Job.IsWhole && !Gains(segment)))
            KeepPlain(segment);
    }

    /// <summary>
    /// One cluster, or some bytes as they are. What is packed is longer than its blocks, so it always ends in a later block
    /// of the file than it begins in, as an index with one entry a block needs it.
    /// </summary>
    private int PackCluster(Segment segment, ReadOnlySpan<byte> rest)
    {
        var written = rest.Length > BlockBytes ? _compressor.Compress(rest, _cluster, out var consumed) : consumed = 0;
        if (consumed > AlignToBlock(written))
        {
            segment.AppendCluster(_cluster.AsSpan(0, written));
            segment.Extents.Add(new(consumed, (int)BlocksFor(written)));
            return consumed;
        }
        var plain = rest[..Math.Min(rest.Length, _cluster.Length)];
        segment.AppendPlain(plain);
        segment.Extents.Add(new(plain.Length, 0));
        return plain.Length;
    }

    private static bool Gains(Segment segment) =>
        segment.Output.Length + InodeShape.IndexBytes(segment.Job.LengthBytes) < segment.Job.LengthBytes;

    private static void KeepPlain(Segment segment)
    {
        segment.Clear();
        var isWholeFile = segment.Job is { Packs: true, IsWhole: true };
        segment.AppendPlain(isWholeFile ? segment.Input[..^segment.Job.Shape.TailBytes] : segment.Input);
    }
}
