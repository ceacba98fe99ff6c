using System.Buffers;
using Microsoft.Win32.SafeHandles;
using Pipeline.Core.Files;

namespace Pipeline.Core.Blocks;

/// <summary>
/// An image file. Zeroes that fill whole blocks are not written, so that they stay holes; the file must be new, because
/// a skipped block reads as what was there before.
/// </summary>
public sealed class FileSink : IBlockSink, IDisposable
{
    private const int BlockBytes = 4096;

    /// <summary>Read and then written at one go: threads that take turns at writing change places less often.</summary>
    private const int CopyBytes = 512 << 10;

    /// <summary>
    /// Larger writes make the kernel take larger pieces of memory for its cache, which on virtual machines it must often
    /// fetch from the host: several times slower where this was measured (Linux 6.18, ext4).
    /// </summary>
    internal const int WriteBytes = 64 << 10;

    /// <summary>
    /// One write at a time: the kernel lets only one thread write to a file anyway, and those that wait for it there spin
    /// (a tenth of a build's processor time, where this was measured). Here they sleep, and others read meanwhile.
    /// </summary>
    private readonly Lock _writing = new();

    private readonly SafeFileHandle _handle;

    private FileSink(SafeFileHandle handle, long lengthBytes) => (_handle, LengthBytes) = (handle, lengthBytes);

    public long LengthBytes { get; }

    /// <summary>
    /// Writes under a name that nobody looks for and renames at the very end: an image exists only if it is whole.
    /// Whatever goes wrong, the partial file is gone afterwards.
    /// </summary>
    public static void Create(string path, long lengthBytes, Action<FileSink> write)
    {
        var partial = path + ".partial";
        File.Delete(partial);
        try
        {
            using (var sink = Open(partial, lengthBytes))
                write(sink);
            File.Move(partial, path, overwrite: true);
        }
        catch
        {
            File.Delete(partial);
            throw;
        }
    }

    /// <summary>Creates the file, all hole. The caller decides its name and its end.</summary>
    public static FileSink Open(string path, long lengthBytes)
    {
        var handle = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read);
        RandomAccess.SetLength(handle, lengthBytes);
        return new FileSink(handle, lengthBytes);
    }

    public void Write(long offsetBytes, ReadOnlySpan<byte> data)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offsetBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(data.Length, LengthBytes - offsetBytes);
        while (!data.IsEmpty)
        {
            var zeroes = LeadingZeroBlocks(data);
            offsetBytes += zeroes;
            data = data[zeroes..];
            var run = LeadingDataBlocks(data);
            WriteRun(data[..run], offsetBytes);
            offsetBytes += run;
            data = data[run..];
        }
    }

    private void WriteRun(ReadOnlySpan<byte> data, long offsetBytes)
    {
        lock (_writing)
        {
            for (var done = 0; done < data.Length; done += WriteBytes)
                RandomAccess.Write(_handle, data[done..Math.Min(done + WriteBytes, data.Length)], offsetBytes + done);
        }
    }

    public void CopyFrom(ContentSource source, long sourceOffset, long offsetBytes, long lengthBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offsetBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lengthBytes, LengthBytes - offsetBytes);
        var buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(CopyBytes, lengthBytes));
        try
        {
            while (lengthBytes > 0)
            {
                var count = (int)Math.Min(buffer.Length, lengthBytes);
                source.ReadExactly(sourceOffset, buffer.AsSpan(0, count));
                Write(offsetBytes, buffer.AsSpan(0, count));
                sourceOffset += count;
                offsetBytes += count;
                lengthBytes -= count;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public void Dispose() => _handle.Dispose();

    private static int LeadingZeroBlocks(ReadOnlySpan<byte> data)
    {
        var length = 0;
        while (length < data.Length && !data.Slice(length, Math.Min(BlockBytes, data.Length - length)).ContainsAnyExcept((byte)0))
            length = Math.Min(length + BlockBytes, data.Length);
        return length;
    }

    private static int LeadingDataBlocks(ReadOnlySpan<byte> data)
    {
        var length = 0;
        while (length < data.Length && data.Slice(length, Math.Min(BlockBytes, data.Length - length)).ContainsAnyExcept((byte)0))
            length = Math.Min(length + BlockBytes, data.Length);
        return length;
    }
}
