using Pipeline.Core.Files;

namespace Pipeline.Core.Streams;

/// <summary>A run of a file's bytes as a stream. Owns nothing.</summary>
public sealed class ContentStream(FileContent content, long offsetBytes, long lengthBytes) : ReadingStream
{
    private readonly long _endBytes = offsetBytes + lengthBytes;
    private long _next = offsetBytes;

    public ContentStream(FileContent content) : this(content, 0, content.LengthBytes)
    {
    }

    public override int Read(Span<byte> buffer)
    {
        var count = content.Read(_next, buffer[..(int)Math.Min(buffer.Length, _endBytes - _next)]);
        _next += count;
        return count;
    }
}
