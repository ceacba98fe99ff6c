using System.Buffers;
using Microsoft.Win32.SafeHandles;
using Pipeline.Core.Files;

namespace Pipeline.Disk.Squashfs.Packing;

/// <summary>Bytes put one behind the other.</summary>
internal interface IByteAppender
{
    long LengthBytes { get; }

    void Append(ReadOnlySpan<byte> data);
}

/// <summary>A file without a name: it is unlinked as soon as it is open, and gone with its last handle, also when the process dies.</summary>
internal sealed class ScratchFile : IByteAppender, IDisposable
{
    /// <summary>Larger writes are slower on some kernels; see the sink of images.</summary>
    private const int WriteBytes = 64 << 10;

    private static int _counter;
    private readonly SafeFileHandle _handle;

    private ScratchFile(SafeFileHandle handle) => (_handle, Source) = (handle, new FileSource(handle));

    public FileSource Source { get; }

    public long LengthBytes { get; private set; }

    public static ScratchFile Create(string directory)
    {
        Directory.CreateDirectory(directory);
        while (true)
        {
            var path = Path.Combine(directory, $"squashfs-{Environment.ProcessId}-{Interlocked.Increment(ref _counter)}.tmp");
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
            var piece = data[..Math.Min(WriteBytes, data.Length)];
            RandomAccess.Write(_handle, piece, LengthBytes);
            LengthBytes += piece.Length;
            data = data[piece.Length..];
        }
    }

    /// <summary>Fills what was left free at the beginning.</summary>
    public void WriteStart(ReadOnlySpan<byte> data) => RandomAccess.Write(_handle, data, 0);

    public void Dispose() => Source.Dispose();
}

/// <summary>The same in memory, for a table that grows beside another one.</summary>
internal sealed class AppendBuffer : IByteAppender
{
    private readonly ArrayBufferWriter<byte> _bytes = new();

    public long LengthBytes => _bytes.WrittenCount;

    public void Append(ReadOnlySpan<byte> data) => _bytes.Write(data);

    public void MoveTo(IByteAppender target)
    {
        target.Append(_bytes.WrittenSpan);
        _bytes.Clear();
    }
}
