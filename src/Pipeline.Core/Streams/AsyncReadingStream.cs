using System.Buffers;

namespace Pipeline.Core.Streams;

/// <summary>A stream whose bytes come from afar. Derived classes implement the read that waits without a thread.</summary>
public abstract class AsyncReadingStream : ReadingStream
{
    private const int MaxReadBytes = 128 << 10;

    public abstract override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default);

    /// <remarks>Decompressors read synchronously on threads of their own; there is no context that this could block.</remarks>
    public sealed override int Read(Span<byte> buffer)
    {
        var copy = ArrayPool<byte>.Shared.Rent(Math.Min(buffer.Length, MaxReadBytes));
        try
        {
            var count = ReadAsync(copy.AsMemory(0, Math.Min(buffer.Length, copy.Length)), CancellationToken.None).AsTask().GetAwaiter().GetResult();
            copy.AsSpan(0, count).CopyTo(buffer);
            return count;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(copy);
        }
    }
}
