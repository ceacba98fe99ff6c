using Pipeline.Core.Files;
using Pipeline.Disk.Erofs.Placing;
using static Pipeline.Disk.Erofs.ErofsFormat;

namespace Pipeline.Disk.Erofs.Packing;

/// <summary>Some bytes of a file that are packed by themselves.</summary>
/// <param name="File">Its number among the files with blocks.</param>
/// <param name="Packs">Whether it may be packed.</param>
/// <param name="Shape">How it is kept where that gains nothing.</param>
internal readonly record struct SegmentJob(int File, FileContent Content, long FileOffset, int LengthBytes, bool Packs, InodeShape Shape)
{
    /// <summary>Of a file in chunks each run begins where the one before it ended, so only the first of all is noted.</summary>
    public bool IsFirst => Shape.Layout == DataLayout.ChunkBased ? FileOffset == Shape.BytesOf(Shape.Chunks(Content).First().First, 0).FromByte : FileOffset == 0;

    /// <summary>One that is the whole of its file may still be kept as it is.</summary>
    public bool IsWhole => LengthBytes == Shape.LengthBytes;
}

/// <summary>A segment at work: its bytes, and the blocks that they became. Used again and again.</summary>
internal sealed class Segment
{
    public const int MaxBytes = 1 << 20;

    private readonly byte[] _input = GC.AllocateUninitializedArray<byte>(MaxBytes);

    /// <summary>One block more: a short rest behind packed clusters needs one of its own.</summary>
    private readonly byte[] _output = GC.AllocateUninitializedArray<byte>(MaxBytes + BlockBytes);

    private int _outputBytes;

    public SegmentJob Job { get; private set; }

    public ReadOnlySpan<byte> Input => _input.AsSpan(0, Job.LengthBytes);

    /// <summary>Whole blocks.</summary>
    public ReadOnlySpan<byte> Output => _output.AsSpan(0, _outputBytes);

    /// <summary>Empty where the segment lies as it is.</summary>
    public List<PackedExtent> Extents { get; } = [];

    public bool Take(SegmentJob job)
    {
        Job = job;
        Clear();
        return true;
    }

    public void Clear()
    {
        _outputBytes = 0;
        Extents.Clear();
    }

    public void Read() => Job.Content.Read(Job.FileOffset, _input.AsSpan(0, Job.LengthBytes));

    /// <summary>Puts bytes into blocks of their own, from the start of the first.</summary>
    public void AppendPlain(ReadOnlySpan<byte> bytes)
    {
        var blocks = NextBlocks((int)BlocksFor(bytes.Length));
        bytes.CopyTo(blocks);
        blocks[bytes.Length..].Clear();
    }

    /// <summary>Puts a packed cluster into its blocks, up to the end of the last.</summary>
    public void AppendCluster(ReadOnlySpan<byte> cluster)
    {
        var blocks = NextBlocks((int)BlocksFor(cluster.Length));
        blocks[..^cluster.Length].Clear();
        cluster.CopyTo(blocks[^cluster.Length..]);
    }

    private Span<byte> NextBlocks(int count)
    {
        var blocks = _output.AsSpan(_outputBytes, count * BlockBytes);
        _outputBytes += blocks.Length;
        return blocks;
    }
}
