using Pipeline.Core.Files;

namespace Pipeline.Core.Blocks;

/// <summary>
/// Somewhere of a fixed length to write at any offset; what is never written reads as zeroes. Safe for concurrent
/// writes to ranges that do not overlap. Synchronous on purpose: it ends in local files, where an asynchronous write is a
/// synchronous one on another thread; parallel work belongs to the callers.
/// </summary>
public interface IBlockSink
{
    long LengthBytes { get; }

    /// <exception cref="ArgumentOutOfRangeException">The range leaves the sink: a bug in the caller.</exception>
    /// <exception cref="IOException">The disk is full, or failed.</exception>
    void Write(long offsetBytes, ReadOnlySpan<byte> data);

    /// <summary>Copies a run of a source here; where both are files the kernel does it.</summary>
    void CopyFrom(ContentSource source, long sourceOffset, long offsetBytes, long lengthBytes);
}
