using Microsoft.Win32.SafeHandles;

namespace Pipeline.Engine.Inspecting;

/// <summary>Reads an image file that may lie about itself: whatever is asked for outside of it is just not there.</summary>
internal sealed class ImageReader(SafeFileHandle handle, long lengthBytes)
{
    public long LengthBytes => lengthBytes;

    /// <summary>False where not all of it lies in the file; the buffer's content is then of no use.</summary>
    public bool TryRead(long offsetBytes, Span<byte> buffer)
    {
        if (offsetBytes < 0 || offsetBytes > lengthBytes - buffer.Length)
            return false;
        while (!buffer.IsEmpty)
        {
            var count = RandomAccess.Read(handle, buffer, offsetBytes);
            if (count == 0)
                return false;
            offsetBytes += count;
            buffer = buffer[count..];
        }
        return true;
    }

    /// <summary>The bytes at a place, or null where not all of them lie in the file.</summary>
    public byte[]? Read(long offsetBytes, int count)
    {
        var buffer = new byte[count];
        return TryRead(offsetBytes, buffer) ? buffer : null;
    }
}
