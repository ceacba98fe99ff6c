using Pipeline.Core.Streams;

namespace Pipeline.Core.Compression;

/// <summary>
/// Zstandard frames, one after the other; skippable frames vanish (RFC 8878 §3.1.2). Owns its input. Not thread-safe.
/// </summary>
internal sealed unsafe class ZstdDecoder : ReadingStream
{
    /// <summary>Windows beyond 128 MiB are refused, as the zstd tool does: they are memory that a stranger asks for.</summary>
    public const int MaxWindowLog = 27;

    private const int InputBytes = 128 << 10;
    private readonly Stream _packed;
    private readonly byte[] _input = new byte[InputBytes];
    private nint _context;
    private int _position;
    private int _count;
    private bool _isInFrame;

    public ZstdDecoder(Stream packed)
    {
        NativeLibraries.RequireZstd();
        _packed = packed;
        _context = ZstdApi.CreateDecoder();
        if (_context == 0)
            throw new InsufficientMemoryException("libzstd has no memory for a decoder");
        _ = ZstdApi.SetDecoder(_context, ZstdApi.WindowLogMax, MaxWindowLog);
    }

    public override int Read(Span<byte> buffer)
    {
        ObjectDisposedException.ThrowIf(_context == 0, this);
        while (!buffer.IsEmpty)
        {
            var produced = Step(buffer);
            if (produced > 0)
                return produced;
            // Nothing came out: the decoder is hungry, or stands between two frames.
            if (_position == _count && !Fill())
                return _isInFrame ? throw new InvalidDataException("the zstd data ends in the middle of a frame") : 0;
        }
        return 0;
    }

    private int Step(Span<byte> buffer)
    {
        fixed (byte* output = buffer, input = _input)
        {
            var to = new ZstdApi.Buffer { Pointer = output, Size = (nuint)buffer.Length };
            var from = new ZstdApi.Buffer { Pointer = input, Size = (nuint)_count, Position = (nuint)_position };
            var hint = ZstdApi.Decompress(_context, &to, &from);
            if (ZstdApi.IsError(hint) != 0)
                throw new InvalidDataException($"the zstd data is damaged: {ZstdApi.Describe(hint)}");
            // A call without input between two frames answers with the size of the next header, not with "in a frame".
            if ((int)from.Position > _position || to.Position > 0)
                _isInFrame = hint != 0;
            _position = (int)from.Position;
            return (int)to.Position;
        }
    }

    private bool Fill()
    {
        _position = 0;
        _count = _packed.Read(_input);
        return _count > 0;
    }

    protected override void Dispose(bool disposing)
    {
        if (_context != 0)
            _ = ZstdApi.FreeDecoder(_context);
        _context = 0;
        if (disposing)
            _packed.Dispose();
        base.Dispose(disposing);
    }

    ~ZstdDecoder() => Dispose(false);
}
