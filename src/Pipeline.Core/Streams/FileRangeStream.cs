using Microsoft.Win32.SafeHandles;

namespace Pipeline.Core.Streams;

/// <summary>A run of a file as a stream of its own. Ends early where the file does.</summary>
public sealed class FileRangeStream(string path, long offsetBytes, long lengthBytes) : ReadingStream
{
    private readonly SafeFileHandle _file =
        File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, FileOptions.SequentialScan);
    private long _position;

    public override long Length => lengthBytes;

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        var count = RandomAccess.Read(_file, buffer[..(int)Math.Min(buffer.Length, lengthBytes - _position)], offsetBytes + _position);
        _position += count;
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _file.Dispose();
        base.Dispose(disposing);
    }
}
