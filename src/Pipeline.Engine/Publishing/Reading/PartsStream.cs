using System.Collections.Immutable;

namespace Pipeline.Engine.Publishing.Reading;

/// <summary>Several streams one behind the other, each opened when the one before it is over.</summary>
internal sealed class PartsStream(ImmutableArray<string> names, Func<string, Task<Stream>> open) : Stream
{
    private Stream? _current;
    private int _next;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            if (_current is not null && await _current.ReadAsync(buffer, cancellationToken) is > 0 and var count)
                return count;
            if (_current is not null)
                await _current.DisposeAsync();
            _current = null;
            if (_next == names.Length)
                return 0;
            _current = await open(names[_next++]);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>Decoders read synchronously; they run on a thread of their own.</summary>
    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _current?.Dispose();
        base.Dispose(disposing);
    }
}
