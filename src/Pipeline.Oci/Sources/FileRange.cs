using Microsoft.Win32.SafeHandles;
using Pipeline.Oci.Cache;

namespace Pipeline.Oci.Sources;

/// <summary>A run of a file as a stream of its own.</summary>
internal sealed class FileRange : ForwardStream
{
    private readonly SafeFileHandle _file;
    private long _offset;
    private long _left;

    public FileRange(LocalBlob blob)
    {
        _file = File.OpenHandle(blob.Path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, FileOptions.SequentialScan);
        (_offset, _left) = (blob.OffsetBytes, blob.LengthBytes);
    }

    public override int Read(Span<byte> buffer)
    {
        var count = RandomAccess.Read(_file, buffer[..(int)Math.Min(buffer.Length, _left)], _offset);
        _offset += count;
        _left -= count;
        return count;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(Read(buffer.Span));
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _file.Dispose();
        base.Dispose(disposing);
    }
}
