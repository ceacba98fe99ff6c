using Pipeline.Core.Compression;
using Pipeline.Core.Files;
using Pipeline.Core.Streams;

namespace Pipeline.Engine.Building.Packages;

/// <summary>A run of a file's bytes as a stream, forwards.</summary>
internal sealed class ContentStream : ReadingStream
{
    private readonly FileContent _content;
    private readonly long _endBytes;
    private long _next;

    public ContentStream(FileContent content) : this(content, 0, content.LengthBytes)
    {
    }

    public ContentStream(FileContent content, long offsetBytes, long lengthBytes) =>
        (_content, _next, _endBytes) = (content, offsetBytes, offsetBytes + lengthBytes);

    public override int Read(Span<byte> buffer)
    {
        var wanted = (int)Math.Min(buffer.Length, _endBytes - _next);
        var count = _content.Read(_next, buffer[..wanted]);
        _next += count;
        return count;
    }
}
