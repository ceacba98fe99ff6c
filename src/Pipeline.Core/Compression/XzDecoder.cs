using System.Runtime.InteropServices;
using Pipeline.Core.Streams;

namespace Pipeline.Core.Compression;

/// <summary>Streams of the .xz format, one after the other. Owns its input. Not thread-safe.</summary>
internal sealed unsafe class XzDecoder : ReadingStream
{
    /// <summary>What <c>xz -9</c> needs is 65 MiB; more is memory that a stranger asks for.</summary>
    private const ulong MaxMemoryBytes = 256UL << 20;

    private const int InputBytes = 64 << 10;
    private readonly Stream _packed;
    private readonly byte[] _input = new byte[InputBytes];
    private LzmaApi.LzmaStream* _stream;
    private int _position;
    private int _count;
    private bool _isInputOver;
    private bool _isOver;

    public XzDecoder(Stream packed)
    {
        NativeLibraries.RequireLzma();
        _packed = packed;
        _stream = (LzmaApi.LzmaStream*)NativeMemory.AllocZeroed((nuint)sizeof(LzmaApi.LzmaStream));
        if (LzmaApi.OpenDecoder(_stream, MaxMemoryBytes, LzmaApi.Concatenated) != LzmaApi.Ok)
            throw new InsufficientMemoryException("liblzma has no memory for a decoder");
    }

    public override int Read(Span<byte> buffer)
    {
        ObjectDisposedException.ThrowIf(_stream is null, this);
        while (!_isOver && !buffer.IsEmpty)
        {
            if (_position == _count && !_isInputOver)
                Fill();
            var produced = Step(buffer);
            if (produced > 0)
                return produced;
        }
        return 0;
    }

    private int Step(Span<byte> buffer)
    {
        fixed (byte* output = buffer, input = _input)
        {
            _stream->NextIn = input + _position;
            _stream->AvailableIn = (nuint)(_count - _position);
            _stream->NextOut = output;
            _stream->AvailableOut = (nuint)buffer.Length;
            var answer = LzmaApi.Code(_stream, _isInputOver ? LzmaApi.Finish : LzmaApi.Run);
            _position = _count - (int)_stream->AvailableIn;
            _isOver = answer == LzmaApi.StreamEnd;
            return answer switch
            {
                LzmaApi.Ok or LzmaApi.StreamEnd => buffer.Length - (int)_stream->AvailableOut,
                LzmaApi.BufferError => throw new InvalidDataException("the xz data ends early"),
                LzmaApi.MemoryLimit => throw new InvalidDataException($"the xz data wants more than {MaxMemoryBytes} bytes of memory"),
                _ => throw new InvalidDataException($"the xz data is damaged (liblzma says {answer})"),
            };
        }
    }

    private void Fill()
    {
        _position = 0;
        _count = _packed.Read(_input);
        _isInputOver = _count == 0;
    }

    protected override void Dispose(bool disposing)
    {
        if (_stream is not null)
        {
            LzmaApi.End(_stream);
            NativeMemory.Free(_stream);
            _stream = null;
        }
        if (disposing)
            _packed.Dispose();
        base.Dispose(disposing);
    }

    ~XzDecoder() => Dispose(false);
}
