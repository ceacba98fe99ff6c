using Pipeline.Core.Diagnostics;
using Pipeline.Core.Streams;

namespace Pipeline.Core.Compression;

/// <summary>
/// One Zstandard frame with a checksum. Always by libzstd's worker threads, also with one: then the bytes depend on the
/// job size, which is fixed here, and not on the number of workers.
/// </summary>
internal sealed unsafe class ZstdEncoder : WritingStream
{
    private const int DefaultLevel = 3;
    private const int JobBytes = 8 << 20;
    private const int OverlapLog = 6;
    private readonly Stream _output;
    private readonly byte[] _buffer = new byte[256 << 10];
    private nint _context;

    public ZstdEncoder(Stream output, EncoderOptions options)
    {
        NativeLibraries.RequireZstd();
        _output = output;
        _context = ZstdApi.CreateEncoder();
        if (_context == 0)
            throw new InsufficientMemoryException("libzstd has no memory for an encoder");
        Set(ZstdApi.CompressionLevel, options.Level ?? DefaultLevel);
        Set(ZstdApi.ChecksumFlag, 1);
        Set(ZstdApi.NbWorkers, Math.Max(1, options.Threads));
        Set(ZstdApi.JobSize, JobBytes);
        Set(ZstdApi.OverlapLog, OverlapLog);
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        ObjectDisposedException.ThrowIf(_context == 0, this);
        var done = 0;
        while (done < buffer.Length)
            Step(buffer, ref done, ZstdApi.Continue);
    }

    private nuint Step(ReadOnlySpan<byte> data, ref int done, int directive)
    {
        fixed (byte* output = _buffer, input = data)
        {
            var to = new ZstdApi.Buffer { Pointer = output, Size = (nuint)_buffer.Length };
            var from = new ZstdApi.Buffer { Pointer = input, Size = (nuint)data.Length, Position = (nuint)done };
            var left = ZstdApi.Compress(_context, &to, &from, directive);
            if (ZstdApi.IsError(left) != 0)
                throw new IOException($"zstd cannot compress: {ZstdApi.Describe(left)}");
            done = (int)from.Position;
            _output.Write(_buffer, 0, (int)to.Position);
            return left;
        }
    }

    private void Set(int parameter, int value)
    {
        if (ZstdApi.IsError(ZstdApi.SetEncoder(_context, parameter, value)) == 0)
            return;
        if (parameter == ZstdApi.NbWorkers)
            throw new MissingLibraryException(Diagnostic.Create(CompressionRules.LibraryUnfit, null, ZstdApi.Library, "threads", "libzstd1"));
        throw new ArgumentOutOfRangeException(nameof(value), value, $"zstd does not take this value for parameter {parameter}");
    }

    protected override void Dispose(bool disposing)
    {
        if (_context == 0)
            return;
        try
        {
            var done = 0;
            while (disposing && Step([], ref done, ZstdApi.End) != 0)
            {
            }
        }
        finally
        {
            _ = ZstdApi.FreeEncoder(_context);
            _context = 0;
            base.Dispose(disposing);
        }
    }

    ~ZstdEncoder() => Dispose(false);
}
