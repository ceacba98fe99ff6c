namespace Pipeline.Core.Compression;

/// <summary>One frame a block, with its length and without a checksum, from one context that is used again and again.</summary>
internal sealed unsafe class ZstdBlocks : BlockCompressor
{
    private nint _context;

    public ZstdBlocks(int level)
    {
        NativeLibraries.RequireZstd();
        _context = ZstdApi.CreateEncoder();
        if (_context == 0)
            throw new InsufficientMemoryException("libzstd has no memory for an encoder");
        if (ZstdApi.IsError(ZstdApi.SetEncoder(_context, ZstdApi.CompressionLevel, level)) != 0)
            throw new ArgumentOutOfRangeException(nameof(level), level, "zstd does not take this level");
    }

    public override int Compress(ReadOnlySpan<byte> block, Span<byte> output)
    {
        ObjectDisposedException.ThrowIf(_context == 0, this);
        fixed (byte* from = block, to = output)
        {
            var length = ZstdApi.CompressAll(_context, to, (nuint)output.Length, from, (nuint)block.Length);
            if (ZstdApi.IsError(length) == 0)
                return (int)length < block.Length ? (int)length : 0;
            if (ZstdApi.ErrorCode(length) == ZstdApi.OutputTooSmall)
                return 0;
            throw new IOException($"zstd cannot compress: {ZstdApi.Describe(length)}");
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (_context != 0)
            _ = ZstdApi.FreeEncoder(_context);
        _context = 0;
    }

    ~ZstdBlocks() => Dispose(false);
}
