namespace Pipeline.Core.Compression;

/// <summary>A forward-only stream to read from: the part of <see cref="Stream"/> that every decoder shares.</summary>
public abstract class ForwardStream : Stream
{
    public sealed override bool CanRead => true;

    public sealed override bool CanSeek => false;

    public sealed override bool CanWrite => false;

    public sealed override long Length => throw new NotSupportedException();

    public sealed override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public abstract override int Read(Span<byte> buffer);

    public sealed override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public sealed override void Flush()
    {
    }

    public sealed override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public sealed override void SetLength(long value) => throw new NotSupportedException();

    public sealed override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}

/// <summary>Gives back bytes that were read to look at them, then the rest. Owns the rest.</summary>
internal sealed class PrefixedStream(ReadOnlyMemory<byte> prefix, Stream rest) : ForwardStream
{
    private ReadOnlyMemory<byte> _prefix = prefix;

    public override int Read(Span<byte> buffer)
    {
        if (_prefix.IsEmpty)
            return rest.Read(buffer);
        var count = Math.Min(buffer.Length, _prefix.Length);
        _prefix.Span[..count].CopyTo(buffer);
        _prefix = _prefix[count..];
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            rest.Dispose();
        base.Dispose(disposing);
    }
}

/// <summary>Counts what went through it. Owns its input.</summary>
internal sealed class CountingStream(Stream input) : ForwardStream
{
    public long Count { get; private set; }

    public override int Read(Span<byte> buffer)
    {
        var count = input.Read(buffer);
        Count += count;
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            input.Dispose();
        base.Dispose(disposing);
    }
}

/// <summary>Holds a decoder to its limits. Owns the decoder.</summary>
internal sealed class LimitedStream(Stream plain, CountingStream packed, DecoderLimits limits) : ForwardStream
{
    private long _count;

    public override int Read(Span<byte> buffer)
    {
        var count = plain.Read(buffer);
        _count += count;
        if (_count > limits.MaxBytes)
            throw new InvalidDataException($"it unpacks to more than {limits.MaxBytes} bytes");
        if (_count > limits.RatioFreeBytes && _count / Math.Max(packed.Count, 1) > limits.MaxRatio)
            throw new InvalidDataException($"it unpacks to more than {limits.MaxRatio} times its size");
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            plain.Dispose();
        base.Dispose(disposing);
    }
}
