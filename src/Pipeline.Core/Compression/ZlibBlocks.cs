using System.IO.Compression;
using Pipeline.Core.Streams;

namespace Pipeline.Core.Compression;

/// <summary>One zlib stream a block, by .NET: its streams cannot be used twice, which costs little beside what they do.</summary>
internal sealed class ZlibBlocks(int level) : BlockCompressor
{
    private readonly ZLibCompressionOptions _options = new() { CompressionLevel = level };
    private readonly FixedOutput _output = new();
    private byte[] _buffer = [];

    public override int Compress(ReadOnlySpan<byte> block, Span<byte> output)
    {
        if (_buffer.Length < block.Length)
            _buffer = new byte[block.Length];
        var capacity = Math.Min(block.Length - 1, output.Length);
        _output.Reset(_buffer, capacity);
        using (var packer = new ZLibStream(_output, _options, leaveOpen: true))
            packer.Write(block);
        if (_output.IsOverrun)
            return 0;
        _buffer.AsSpan(0, _output.Count).CopyTo(output);
        return _output.Count;
    }

    protected override void Dispose(bool disposing)
    {
    }

    /// <summary>Takes as many bytes as asked for, and drops what comes after them.</summary>
    private sealed class FixedOutput : WritingStream
    {
        private byte[] _buffer = [];
        private int _capacity;

        public int Count { get; private set; }

        public bool IsOverrun { get; private set; }

        public void Reset(byte[] buffer, int capacity) => (_buffer, _capacity, Count, IsOverrun) = (buffer, capacity, 0, false);

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            IsOverrun |= buffer.Length > _capacity - Count;
            if (IsOverrun)
                return;
            buffer.CopyTo(_buffer.AsSpan(Count));
            Count += buffer.Length;
        }
    }
}
