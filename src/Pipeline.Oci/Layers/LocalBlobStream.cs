using Microsoft.Win32.SafeHandles;
using Pipeline.Core.Compression;
using Pipeline.Core.Streams;
using Pipeline.Oci.Sources;

namespace Pipeline.Oci.Layers;

/// <summary>A blob in a local file, from its first byte to its last. Does not own the file.</summary>
internal sealed class LocalBlobStream(SafeFileHandle handle, LocalBlob blob) : ReadingStream
{
    private long _position;

    public override int Read(Span<byte> buffer)
    {
        var wanted = (int)Math.Min(buffer.Length, blob.LengthBytes - _position);
        var count = wanted == 0 ? 0 : RandomAccess.Read(handle, buffer[..wanted], blob.OffsetBytes + _position);
        _position += count;
        return count;
    }
}
