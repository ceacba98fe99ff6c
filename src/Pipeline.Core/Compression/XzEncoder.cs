using System.Runtime.InteropServices;
using Pipeline.Core.Streams;

namespace Pipeline.Core.Compression;

/// <summary>
/// One .xz stream of many blocks, so that others can unpack it in parallel. Always by liblzma's threaded encoder with a
/// fixed block size: the bytes do not depend on the number of threads.
/// </summary>
internal sealed unsafe class XzEncoder : WritingStream
{
    private const int DefaultLevel = 6;
    private const ulong BlockBytes = 16UL << 20;
    private readonly Stream _output;
    private readonly byte[] _buffer = new byte[256 << 10];
    private LzmaApi.LzmaStream* _stream;

    public XzEncoder(Stream output, EncoderOptions options)
    {
        NativeLibraries.RequireLzma();
        _output = output;
        _stream = (LzmaApi.LzmaStream*)NativeMemory.AllocZeroed((nuint)sizeof(LzmaApi.LzmaStream));
        var mt = new LzmaApi.Mt
        {
            Threads = (uint)Math.Max(1, options.Threads),
            BlockSize = BlockBytes,
            Preset = (uint)(options.Level ?? DefaultLevel),
            Check = options.ForKernel ? LzmaApi.CheckCrc32 : LzmaApi.CheckCrc64,
        };
        var answer = LzmaApi.OpenEncoder(_stream, &mt);
        if (answer != LzmaApi.Ok)
            throw new IOException($"xz cannot compress at level {mt.Preset} (liblzma says {answer})");
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        ObjectDisposedException.ThrowIf(_stream is null, this);
        fixed (byte* input = buffer)
        {
            _stream->NextIn = input;
            _stream->AvailableIn = (nuint)buffer.Length;
            while (_stream->AvailableIn > 0)
                Step(LzmaApi.Run);
        }
    }

    private bool Step(int action)
    {
        fixed (byte* output = _buffer)
        {
            _stream->NextOut = output;
            _stream->AvailableOut = (nuint)_buffer.Length;
            var answer = LzmaApi.Code(_stream, action);
            if (answer is not (LzmaApi.Ok or LzmaApi.StreamEnd))
                throw new IOException($"xz cannot compress (liblzma says {answer})");
            _output.Write(_buffer, 0, _buffer.Length - (int)_stream->AvailableOut);
            return answer == LzmaApi.StreamEnd;
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (_stream is null)
            return;
        try
        {
            _stream->AvailableIn = 0;
            while (disposing && !Step(LzmaApi.Finish))
            {
            }
        }
        finally
        {
            LzmaApi.End(_stream);
            NativeMemory.Free(_stream);
            _stream = null;
            base.Dispose(disposing);
        }
    }

    ~XzEncoder() => Dispose(false);
}
