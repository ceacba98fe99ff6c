using Microsoft.Win32.SafeHandles;

namespace Pipeline.Core.Files;

/// <summary>Bytes that can be read at any place by any number of threads: an open file, or an array.</summary>
public abstract class ContentSource
{
    /// <summary>The open file, so that a sink can let the kernel copy from it; null when the bytes are in memory.</summary>
    public virtual SafeFileHandle? Handle => null;

    /// <exception cref="EndOfStreamException">The source is shorter than what was promised.</exception>
    public abstract void ReadExactly(long offset, Span<byte> buffer);
}

/// <summary>Contents in an array.</summary>
public sealed class MemorySource(byte[] bytes) : ContentSource
{
    public override void ReadExactly(long offset, Span<byte> buffer)
    {
        if (offset < 0 || offset + buffer.Length > bytes.Length)
            throw new EndOfStreamException();
        bytes.AsSpan((int)offset, buffer.Length).CopyTo(buffer);
    }
}

/// <summary>Contents in a file: an unpacked layer, or a tar as it is. The creator disposes it after the last read.</summary>
public sealed class FileSource(SafeFileHandle handle) : ContentSource, IDisposable
{
    public override SafeFileHandle Handle => handle;

    public static FileSource Open(string path) => new(File.OpenHandle(path));

    public override void ReadExactly(long offset, Span<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            var count = RandomAccess.Read(handle, buffer, offset);
            if (count == 0)
                throw new EndOfStreamException();
            offset += count;
            buffer = buffer[count..];
        }
    }

    public void Dispose() => handle.Dispose();
}
