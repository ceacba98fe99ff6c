using System.Collections.Concurrent;
using Pipeline.Core.Compression;
using Pipeline.Core.Streams;

namespace Pipeline.Oci.Layers;

/// <summary>Bytes on their way from one thread to another, in a buffer of the pipe that they came in.</summary>
internal readonly record struct Chunk(byte[] Buffer, int Count)
{
    public ReadOnlySpan<byte> Span => Buffer.AsSpan(0, Count);
}

/// <summary>
/// A fixed set of buffers that go round between one writer and one reader: memory is bounded, and a slow side makes the
/// other one wait. The writer rents, fills and sends; the reader takes and returns.
/// </summary>
internal sealed class ChunkPipe : IDisposable
{
    private const int BufferCount = 6;
    private const int BufferBytes = 256 << 10;
    private readonly ConcurrentQueue<byte[]> _free = new();
    private readonly ConcurrentQueue<Chunk> _full = new();
    private readonly SemaphoreSlim _freeCount = new(BufferCount);
    private readonly SemaphoreSlim _fullCount = new(0);
    private volatile Exception? _failure;
    private volatile bool _isAbandoned;

    public ChunkPipe()
    {
        for (var i = 0; i < BufferCount; i++)
            _free.Enqueue(GC.AllocateUninitializedArray<byte>(BufferBytes));
    }

    public async ValueTask<byte[]> RentAsync(CancellationToken ct)
    {
        await _freeCount.WaitAsync(ct).ConfigureAwait(false);
        return TakeFree();
    }

    /// <summary>Hands a rented buffer over; one without bytes only goes back.</summary>
    public void Send(byte[] buffer, int count)
    {
        if (_isAbandoned || count == 0)
        {
            Return(buffer);
            return;
        }
        _full.Enqueue(new(buffer, count));
        _fullCount.Release();
        // The reader may have left between the two lines above; then nobody else returns this.
        if (_isAbandoned)
            Empty();
    }

    /// <summary>Says that nothing more comes; a failure is thrown to the reader once it has taken all that was sent.</summary>
    public void Complete(Exception? failure)
    {
        _failure = failure;
        _full.Enqueue(default);
        _fullCount.Release();
    }

    /// <summary>Waits for the next bytes; false at the end. The taker returns the buffer.</summary>
    public bool TryTake(out Chunk chunk, CancellationToken ct)
    {
        _fullCount.Wait(ct);
        while (!_full.TryDequeue(out chunk))
            Thread.SpinWait(1);
        if (chunk.Buffer is not null)
            return true;
        Complete(_failure);   // the end stays the end, however often it is asked for
        return _failure is null ? false : throw new InvalidDataException(_failure.Message, _failure);
    }

    public void Return(byte[] buffer)
    {
        _free.Enqueue(buffer);
        _freeCount.Release();
    }

    /// <summary>The reader goes away for good; the writer is not held up by it any more.</summary>
    public void Abandon()
    {
        _isAbandoned = true;
        Empty();
    }

    public void Dispose()
    {
        _freeCount.Dispose();
        _fullCount.Dispose();
    }

    private void Empty()
    {
        while (_full.TryDequeue(out var chunk))
        {
            if (chunk.Buffer is not null)
                Return(chunk.Buffer);
        }
    }

    private byte[] TakeFree()
    {
        byte[]? buffer;
        while (!_free.TryDequeue(out buffer))
            Thread.SpinWait(1);
        return buffer;
    }
}

/// <summary>The reader's side of a pipe as a stream.</summary>
internal sealed class ChunkPipeStream(ChunkPipe pipe, CancellationToken ct) : ReadingStream
{
    private Chunk _chunk;
    private int _position;

    public override int Read(Span<byte> buffer)
    {
        if (_position == _chunk.Count && !Next())
            return 0;
        var count = Math.Min(buffer.Length, _chunk.Count - _position);
        _chunk.Span.Slice(_position, count).CopyTo(buffer);
        _position += count;
        return count;
    }

    private bool Next()
    {
        if (_chunk.Buffer is not null)
            pipe.Return(_chunk.Buffer);
        (_chunk, _position) = (default, 0);
        return pipe.TryTake(out _chunk, ct);
    }
}
