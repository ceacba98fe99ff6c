using Microsoft.Win32.SafeHandles;
using Pipeline.Core.Files;

namespace Pipeline.Core.Blocks;

/// <summary>
/// A file without a name that grows at its end: it is unlinked as soon as it is open, and gone with its last handle, also
/// when the process dies.
/// </summary>
public sealed class ScratchFile : IByteAppender, IDisposable
{
    private static int _counter;
    private readonly SafeFileHandle _handle;

    private ScratchFile(SafeFileHandle handle) => (_handle, Source) = (handle, new FileSource(handle));

    /// <summary>What was appended, to be read at any place. Owns the file, and may be disposed in place of it.</summary>
    public FileSource Source { get; }

    public long LengthBytes { get; private set; }

    /// <param name="kind">What the name begins with for the moment that it has one.</param>
    public static ScratchFile Create(string directory, string kind)
    {
        Directory.CreateDirectory(directory);
        while (true)
        {
            var path = Path.Combine(directory, $"{kind}-{Environment.ProcessId}-{Interlocked.Increment(ref _counter)}.tmp");
            if (File.Exists(path))
                continue;
            var handle = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            File.Delete(path);
            return new(handle);
        }
    }

    public void Append(ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            var piece = data[..Math.Min(FileSink.WriteBytes, data.Length)];
            RandomAccess.Write(_handle, piece, LengthBytes);
            LengthBytes += piece.Length;
            data = data[piece.Length..];
        }
    }

    /// <summary>Makes room at the end, which reads as zeroes, for <see cref="Write"/>.</summary>
    public void Extend(long lengthBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(lengthBytes, LengthBytes);
        RandomAccess.SetLength(_handle, lengthBytes);
        LengthBytes = lengthBytes;
    }

    /// <summary>Fills a part of what there is. Safe for concurrent writes to ranges that do not overlap.</summary>
    public void Write(long offsetBytes, ReadOnlySpan<byte> data)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offsetBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(data.Length, LengthBytes - offsetBytes);
        RandomAccess.Write(_handle, data, offsetBytes);
    }

    /// <summary>Fills what was left free at the beginning.</summary>
    public void WriteStart(ReadOnlySpan<byte> data) => RandomAccess.Write(_handle, data, 0);

    public void Dispose() => Source.Dispose();
}
