using Pipeline.Core.Streams;

namespace Pipeline.Oci.Cache;

/// <summary>
/// Reads a blob from the network and puts what passes into the cache. At the end of the stream, and only there, the blob
/// is checked and gets its name: a reader that stops early leaves nothing. The reader still hashes what it read, as
/// <see cref="InvalidDataException"/> comes after the last byte.
/// </summary>
internal sealed class TeeStream(Stream source, BlobWriter writer, IDisposable held) : ReadingStream
{
    private bool _isDone;

    /// <summary>Called when the blob has its name in the cache.</summary>
    public Action Committed { get; init; } = () => { };

    public override int Read(Span<byte> buffer) => Pass(buffer, source.Read(buffer));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Pass(buffer, await source.ReadAsync(buffer, cancellationToken));

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            source.Dispose();
            writer.Dispose();
            held.Dispose();
        }
        base.Dispose(disposing);
    }

    private int Pass(ReadOnlyMemory<byte> buffer, int count) => Pass(buffer.Span, count);

    private int Pass(ReadOnlySpan<byte> buffer, int count)
    {
        if (count > 0)
        {
            writer.Write(buffer[..count]);
        }
        else if (buffer.Length > 0 && !_isDone)
        {
            _isDone = true;
            writer.Commit();
            held.Dispose();
            Committed();
        }
        return count;
    }
}
