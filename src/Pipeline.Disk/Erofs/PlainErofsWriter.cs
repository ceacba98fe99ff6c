using Pipeline.Core.Blocks;
using Pipeline.Core.Files;
using Pipeline.Disk.Erofs.Placing;
using Pipeline.Disk.Erofs.Records;
using Pipeline.Disk.Pouring;
using static Pipeline.Disk.Erofs.ErofsFormat;

namespace Pipeline.Disk.Erofs;

/// <summary>Writes an erofs whose contents lie as they are, without scratch: contents and tables first, the superblock last.</summary>
/// <param name="layout">Without compression.</param>
public sealed class PlainErofsWriter(ErofsLayout layout) : IFileSystemWriter
{
    private readonly Placement _placement = layout.Options.Compression == ErofsCompression.None
        ? new(layout, null)
        : throw new ArgumentException("what is compressed is packed first", nameof(layout));

    public long LengthBytes => _placement.BlockCount * BlockBytes;

    public IEnumerable<Region> Regions() => _placement.Regions();

    public void Pour(IBlockSink sink, int parallelism, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(sink.LengthBytes, LengthBytes);
        new ContentPourer(Contents(), sink).Pour(parallelism, ct);
        new MetadataWriter(layout, _placement, sink.Write).Write(parallelism, ct);
    }

    public void Seal(IBlockSink sink, CancellationToken ct)
    {
        var block = new byte[BlockBytes];
        new SuperBlock(layout, _placement).WriteTo(block);
        sink.Write(0, block);
    }

    /// <summary>Whole blocks of files; their ends, where they lie with the inodes, come with those.</summary>
    private IEnumerable<ContentRun> Contents()
    {
        var nodes = layout.Nodes.Nodes;
        for (var index = 0; index < nodes.Count; index++)
        {
            if (nodes[index] is not RegularFile { Content: { Source: { } source } content })
                continue;
            using var runs = Runs(index, content).GetEnumerator();
            var isInside = runs.MoveNext();
            foreach (var extent in content.Extents)
            {
                while (isInside && runs.Current.ToByte <= extent.FileOffset)
                    isInside = runs.MoveNext();
                if (!isInside)
                    break;
                // What holds data is never in two ranges; an end that lies with the inode is in none.
                var (from, to, block) = runs.Current;
                var length = Math.Min(to, extent.FileOffset + extent.LengthBytes) - extent.FileOffset;
                yield return new(source, extent.SourceOffset, block * BlockBytes + (extent.FileOffset - from), length);
            }
        }
    }

    /// <summary>Ranges of a file's bytes that lie side by side, and the block of each.</summary>
    private IEnumerable<(long FromByte, long ToByte, long Block)> Runs(int index, FileContent content)
    {
        var shape = _placement.ShapeOf(index);
        var block = _placement.BlockOf(index);
        if (shape.Layout != DataLayout.ChunkBased)
        {
            yield return (0, shape.LengthBytes - shape.TailBytes, block);
            yield break;
        }
        foreach (var (first, end) in shape.Chunks(content))
        {
            var (from, to) = shape.BytesOf(first, end);
            yield return (from, to, block);
            block += shape.BlocksIn(first, end);
        }
    }
}
