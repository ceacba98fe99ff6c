using Pipeline.Core.Files;
using ForwardStream = Pipeline.Oci.Cache.ForwardStream;

namespace Pipeline.Oci.Storing;

/// <summary>The bytes of a file from its beginning.</summary>
internal sealed class ContentReader(FileContent content) : ForwardStream
{
    private long _position;

    public override int Read(Span<byte> buffer)
    {
        var count = content.Read(_position, buffer);
        _position += count;
        return count;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(Read(buffer.Span));
    }
}
