using Pipeline.Core.Blocks;
using Pipeline.Core.Compression;

namespace Pipeline.Disk.Squashfs.Packing;

/// <summary>Some blocks that follow each other: read, packed and written together by one thread. Used again and again.</summary>
internal sealed class Batch(int capacityBytes)
{
    private readonly byte[] _input = GC.AllocateUninitializedArray<byte>(capacityBytes, pinned: true);
    private readonly byte[] _output = GC.AllocateUninitializedArray<byte>(capacityBytes, pinned: true);
    private readonly List<BlockJob> _jobs = [];
    private readonly List<uint> _sizes = [];
    private int _outputBytes;

    public int InputBytes { get; private set; }

    /// <summary>Takes jobs while there is room; false where there is none.</summary>
    /// <param name="jobs">Stands at the job to be taken first, or <paramref name="isOver"/> is true; afterwards too.</param>
    /// <param name="isOver">Whether there are no more jobs.</param>
    public bool TryTake(IEnumerator<BlockJob> jobs, ref bool isOver)
    {
        (InputBytes, _outputBytes) = (0, 0);
        _jobs.Clear();
        _sizes.Clear();
        while (!isOver && InputBytes + jobs.Current.LengthBytes <= capacityBytes)
        {
            _jobs.Add(jobs.Current);
            InputBytes += jobs.Current.LengthBytes;
            isOver = !jobs.MoveNext();
        }
        return _jobs.Count > 0;
    }

    public void Read(PackedContents contents)
    {
        var at = 0;
        for (var i = 0; i < _jobs.Count;)
        {
            var job = _jobs[i++];
            foreach (var piece in job.Pieces)
                at += contents.Files[piece.File].Read(piece.FileOffset, _input.AsSpan(at, piece.LengthBytes));
            if (job.IsFragment)
                continue;
            var length = job.LengthBytes;
            for (; i < _jobs.Count && _jobs[i].File == job.File && _jobs[i].FileOffset == job.FileOffset + length; i++)
                length += _jobs[i].LengthBytes;
            at += contents.Files[job.File].Read(job.FileOffset, _input.AsSpan(at, length));
        }
    }

    public void Pack(BlockCompressor compressor)
    {
        var at = 0;
        foreach (var job in _jobs)
        {
            var block = _input.AsSpan(at, job.LengthBytes);
            at += job.LengthBytes;
            _sizes.Add(job.IsFragment || block.ContainsAnyExcept((byte)0) ? Pack(compressor, block) : 0);
        }
    }

    /// <summary>Puts the packed blocks behind what is there and notes where they are.</summary>
    public void Write(PackedContents contents, IByteAppender output)
    {
        var start = output.LengthBytes;
        output.Append(_output.AsSpan(0, _outputBytes));
        for (var i = 0; i < _jobs.Count; i++)
        {
            var size = _sizes[i];
            if (_jobs[i].IsFragment)
                contents.Fragments.Add((start, size));
            else
                Note(contents, ref contents.Places[_jobs[i].File], start, size);
            start += size & ~SquashfsFormat.BlockStored;
        }
    }

    private static void Note(PackedContents contents, ref FilePlace place, long start, uint size)
    {
        if (place.FirstSize < 0)
            (place.FirstSize, place.Start) = (contents.Sizes.Count, start);
        contents.Sizes.Add(size);
    }

    private uint Pack(BlockCompressor compressor, ReadOnlySpan<byte> block)
    {
        var room = _output.AsSpan(_outputBytes, block.Length);
        var packed = compressor.Compress(block, room);
        if (packed == 0)
            block.CopyTo(room);
        var stored = packed == 0 ? block.Length : packed;
        _outputBytes += stored;
        return (uint)stored | (packed == 0 ? SquashfsFormat.BlockStored : 0);
    }
}
