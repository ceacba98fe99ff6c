using Pipeline.Core.Files;
using Pipeline.Disk.Trees;
using static Pipeline.Disk.Erofs.ErofsFormat;

namespace Pipeline.Disk.Erofs.Placing;

/// <summary>How the bytes of a file, a directory or a link are kept.</summary>
/// <param name="Layout">What the inode says.</param>
/// <param name="LengthBytes">Of the file.</param>
/// <param name="Blocks">Of its own, side by side.</param>
/// <param name="TailBytes">The rest that lies behind the inode, in the same block as all of it.</param>
/// <param name="MapBytes">Of the map of chunks, or of the index of what is packed, behind the inode.</param>
/// <param name="ChunkBits">A chunk has 2 to this power blocks.</param>
internal readonly record struct InodeShape(DataLayout Layout, long LengthBytes, long Blocks, int TailBytes, long MapBytes, int ChunkBits)
{
    /// <summary>A map has at most so many chunks, unless chunks cannot be larger: the map of a hole then costs 64 KiB at most.</summary>
    private const long WantedChunks = 1 << 14;

    public const int MapEntryBytes = 4;

    /// <summary>Before the entries of an index: what is told of the packing, and 8 bytes that nobody uses.</summary>
    private const int IndexHeaderBytes = 16;
    private const int IndexEntryBytes = 8;
    private const int IndexAlignment = 8;

    /// <summary>What lies behind the inode and its attributes.</summary>
    public long BehindBytes => TailBytes + MapBytes;

    private long ChunkBytes => (long)BlockBytes << ChunkBits;

    private long ChunkCount => MapBytes / MapEntryBytes;

    /// <summary>Whole blocks, and a rest that lies with the inode where there is room in one block for both.</summary>
    /// <param name="headBytes">The inode and its attributes.</param>
    public static InodeShape Flat(long lengthBytes, int headBytes)
    {
        var rest = (int)(lengthBytes % BlockBytes);
        return rest > 0 && headBytes + rest <= BlockBytes
            ? new(DataLayout.FlatInline, lengthBytes, lengthBytes / BlockBytes, rest, 0, 0)
            : new(DataLayout.FlatPlain, lengthBytes, BlocksFor(lengthBytes), 0, 0, 0);
    }

    /// <summary>In clusters, with an index.</summary>
    public static InodeShape Packed(long lengthBytes, long blocks, int headBytes) =>
        new(DataLayout.CompressedFull, lengthBytes, blocks, 0, (-headBytes & (IndexAlignment - 1)) + IndexBytes(lengthBytes), 0);

    /// <summary>An entry for each block of the file.</summary>
    public static long IndexBytes(long lengthBytes) => IndexHeaderBytes + BlocksFor(lengthBytes) * IndexEntryBytes;

    /// <summary>In chunks where that leaves a hole out, else flat.</summary>
    public static InodeShape Of(FileContent content, int headBytes)
    {
        if (!content.IsSparse)
            return Flat(content.LengthBytes, headBytes);
        var bits = 0;
        while (bits < MaxChunkBits && (content.LengthBytes - 1) >> (BlockBits + bits) >= WantedChunks)
            bits++;
        var count = ((content.LengthBytes - 1) >> (BlockBits + bits)) + 1;
        var chunked = new InodeShape(DataLayout.ChunkBased, content.LengthBytes, 0, 0, count * MapEntryBytes, bits);
        var held = chunked.Chunks(content).Sum(r => r.End - r.First);
        if (held == count || content.LengthBytes == 0)
            return Flat(content.LengthBytes, headBytes);
        return chunked with { Blocks = chunked.Chunks(content).Sum(r => chunked.BlocksIn(r.First, r.End)) };
    }

    /// <summary>Ascending ranges of chunks that hold data.</summary>
    public IEnumerable<(long First, long End)> Chunks(FileContent content) => DataUnits.Of(content, ChunkBytes, ChunkCount);

    /// <summary>The bytes of the file from a chunk on up to another.</summary>
    public (long FromByte, long ToByte) BytesOf(long first, long end) =>
        (first << (BlockBits + ChunkBits), end == ChunkCount ? LengthBytes : end << (BlockBits + ChunkBits));

    public long BlocksIn(long first, long end)
    {
        var (from, to) = BytesOf(first, end);
        return BlocksFor(to - from);
    }
}
