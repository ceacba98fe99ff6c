using System.Runtime.InteropServices;

namespace Pipeline.Core.Compression;

/// <summary>
/// One .xz stream a block: LZMA2 with a dictionary as long as the longest block, a CRC-32. A stream that is opened again
/// keeps its memory, so that nothing is allocated a block.
/// </summary>
internal sealed unsafe class XzBlocks : BlockCompressor
{
    private readonly int _level;
    private LzmaApi.LzmaStream* _stream;
    private LzmaApi.Filter* _filters;
    private byte* _options;

    public XzBlocks(int level, int maxBlockBytes)
    {
        NativeLibraries.RequireLzma();
        _level = level;
        _stream = (LzmaApi.LzmaStream*)NativeMemory.AllocZeroed((nuint)sizeof(LzmaApi.LzmaStream));
        _options = (byte*)NativeMemory.AllocZeroed(LzmaApi.OptionsBytes);
        _filters = (LzmaApi.Filter*)NativeMemory.AllocZeroed(2, (nuint)sizeof(LzmaApi.Filter));
        if (LzmaApi.Preset(_options, (uint)level) != 0)
            throw new ArgumentOutOfRangeException(nameof(level), level, "xz does not take this level");
        *(uint*)_options = (uint)maxBlockBytes;                     // lzma_options_lzma.dict_size
        _filters[0] = new() { Id = LzmaApi.Lzma2, Options = _options };
        _filters[1] = new() { Id = LzmaApi.NoFilter };
    }

    public override int Compress(ReadOnlySpan<byte> block, Span<byte> output)
    {
        ObjectDisposedException.ThrowIf(_stream is null, this);
        Check(LzmaApi.OpenSingle(_stream, _filters, LzmaApi.CheckCrc32));
        fixed (byte* from = block, to = output)
        {
            _stream->NextIn = from;
            _stream->AvailableIn = (nuint)block.Length;
            _stream->NextOut = to;
            _stream->AvailableOut = (nuint)output.Length;
            int answer;
            do
            {
                answer = LzmaApi.Code(_stream, LzmaApi.Finish);
            }
            while (answer == LzmaApi.Ok && _stream->AvailableOut > 0);
            if (answer is LzmaApi.Ok or LzmaApi.BufferError)
                return 0;
            Check(answer == LzmaApi.StreamEnd ? LzmaApi.Ok : answer);
        }
        var length = output.Length - (int)_stream->AvailableOut;
        return length < block.Length ? length : 0;
    }

    private void Check(int answer)
    {
        if (answer != LzmaApi.Ok)
            throw new IOException($"xz cannot compress at level {_level} (liblzma says {answer})");
    }

    protected override void Dispose(bool disposing)
    {
        if (_stream is not null)
            LzmaApi.End(_stream);
        NativeMemory.Free(_stream);
        NativeMemory.Free(_filters);
        NativeMemory.Free(_options);
        _stream = null;
        _filters = null;
        _options = null;
    }

    ~XzBlocks() => Dispose(false);
}
