using Pipeline.Core.Blocks;
using Pipeline.Core.Files;
using Pipeline.Disk.Erofs.Placing;
using Pipeline.Disk.Pouring;
using static Pipeline.Disk.Erofs.ErofsFormat;

namespace Pipeline.Disk.Erofs.Packing;

/// <summary>A piece of a packed file.</summary>
/// <param name="LengthBytes">Of the file.</param>
/// <param name="Blocks">The cluster that it is packed into; 0 where it lies in blocks as it is, 4 KiB of it in each.</param>
internal readonly record struct PackedExtent(int LengthBytes, int Blocks)
{
    public long BlockCount => Blocks > 0 ? Blocks : BlocksFor(LengthBytes);
}

/// <summary>The regular files that have blocks, and where those came to lie. Equal files are kept once.</summary>
internal sealed class PackedContents
{
    /// <summary>The index of a longer file would be large to read and to write: such files are not packed.</summary>
    private const long MaxPackedBytes = 32L << 30;

    private struct FilePlace
    {
        public int Original;
        public long FirstBlock;
        public int FirstExtent;
        public int ExtentCount;
    }

    private readonly ErofsLayout _layout;
    private readonly Dictionary<int, int> _fileOf = [];
    private readonly List<int> _nodes = [];
    private readonly FilePlace[] _places;
    private readonly List<PackedExtent> _extents = [];

    private PackedContents(ErofsLayout layout)
    {
        _layout = layout;
        for (var index = 0; index < layout.Nodes.Nodes.Count; index++)
        {
            if (layout.Nodes.Nodes[index] is not RegularFile || layout.Forms.ShapeOf(index).Blocks == 0)
                continue;
            _fileOf.Add(index, _nodes.Count);
            _nodes.Add(index);
        }
        _places = new FilePlace[_nodes.Count];
    }

    /// <summary>All blocks of all files.</summary>
    public long BlockCount { get; private set; }

    /// <summary>Reads, packs and appends every content once.</summary>
    public static PackedContents Pack(ErofsLayout layout, IByteAppender output, PackContext context, CancellationToken ct)
    {
        var contents = new PackedContents(layout);
        contents.FindOriginals(context.Parallelism, ct);
        var start = output.LengthBytes;
        using var jobs = contents.Jobs().GetEnumerator();
        var pipeline = new OrderedPipeline<Segment>(
            segment => jobs.MoveNext() && segment.Take(jobs.Current),
            segment =>
            {
                contents.Note(segment, (output.LengthBytes - start) / BlockBytes);
                output.Append(segment.Output);
                context.Activity.Advance(segment.Job.LengthBytes);
            });
        var segments = Enumerable.Range(0, OrderedPipeline<Segment>.BatchCount(context.Parallelism)).Select(_ => new Segment());
        pipeline.Run(segments, context.Parallelism, () => (new SegmentPacker().Pack, null), ct);
        contents.BlockCount = (output.LengthBytes - start) / BlockBytes;
        return contents;
    }

    /// <summary>Null for a file without blocks.</summary>
    public InodeShape? ShapeOf(int index)
    {
        if (!_fileOf.TryGetValue(index, out var file))
            return null;
        var shape = _layout.Forms.ShapeOf(index);
        var extents = Extents(file);
        return extents.IsEmpty ? shape : InodeShape.Packed(shape.LengthBytes, SumOfBlocks(extents), _layout.Forms.HeadBytes(index));
    }

    /// <summary>From the start of the contents.</summary>
    public long BlockOf(int index) => _places[Original(_fileOf[index])].FirstBlock;

    public ReadOnlySpan<PackedExtent> ExtentsOf(int index) => Extents(_fileOf[index]);

    private ReadOnlySpan<PackedExtent> Extents(int file)
    {
        var place = _places[Original(file)];
        return System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_extents).Slice(place.FirstExtent, place.ExtentCount);
    }

    private static long SumOfBlocks(ReadOnlySpan<PackedExtent> extents)
    {
        var blocks = 0L;
        foreach (var extent in extents)
            blocks += extent.BlockCount;
        return blocks;
    }

    private int Original(int file) => _places[file].Original;

    private FileContent ContentOf(int file) => ((RegularFile)_layout.Nodes.Nodes[_nodes[file]]).Content;

    /// <summary>Equal bytes are not enough: the end of one may lie with its inode and that of the other not.</summary>
    private void FindOriginals(int parallelism, CancellationToken ct)
    {
        var originals = DuplicateFinder.Run([.. Enumerable.Range(0, _nodes.Count).Select(ContentOf)], parallelism, ct);
        for (var file = 0; file < _places.Length; file++)
        {
            var isSame = _layout.Forms.ShapeOf(_nodes[originals[file]]) == _layout.Forms.ShapeOf(_nodes[file]);
            _places[file].Original = isSame ? originals[file] : file;
        }
    }

    private IEnumerable<SegmentJob> Jobs()
    {
        for (var file = 0; file < _nodes.Count; file++)
        {
            if (Original(file) != file)
                continue;
            var content = ContentOf(file);
            var shape = _layout.Forms.ShapeOf(_nodes[file]);
            var packs = _layout.Options.Compression == ErofsCompression.Lz4 && shape.Layout != DataLayout.ChunkBased && shape.LengthBytes <= MaxPackedBytes;
            foreach (var (from, to) in Ranges(shape, content, packs))
            {
                for (var at = from; at < to; at += Segment.MaxBytes)
                    yield return new(file, content, at, (int)Math.Min(Segment.MaxBytes, to - at), packs, shape);
            }
        }
    }

    private static IEnumerable<(long From, long To)> Ranges(InodeShape shape, FileContent content, bool packs)
    {
        if (shape.Layout == DataLayout.ChunkBased)
            return shape.Chunks(content).Select(r => shape.BytesOf(r.First, r.End));
        return [(0, packs ? shape.LengthBytes : shape.LengthBytes - shape.TailBytes)];
    }

    private void Note(Segment segment, long block)
    {
        ref var place = ref _places[segment.Job.File];
        if (segment.Job.IsFirst)
            (place.FirstBlock, place.FirstExtent) = (block, _extents.Count);
        _extents.AddRange(segment.Extents);
        place.ExtentCount += segment.Extents.Count;
    }
}
