using Pipeline.Core.Streams;

namespace Pipeline.Core.Compression;

/// <summary>Gives back bytes that were read to look at them, then the rest. Owns the rest.</summary>
internal sealed class PrefixedStream(ReadOnlyMemory<byte> prefix, Stream rest) : ReadingStream
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
internal sealed class CountingStream(Stream input) : ReadingStream
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
internal sealed class LimitedStream(Stream plain, CountingStream packed, DecoderLimits limits) : ReadingStream
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
