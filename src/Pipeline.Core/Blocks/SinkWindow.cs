using Pipeline.Core.Files;

namespace Pipeline.Core.Blocks;

/// <summary>One partition seen as a disk of its own. Nothing written through it can leave it.</summary>
public sealed class SinkWindow(IBlockSink whole, long startBytes, long lengthBytes) : IBlockSink
{
    public long LengthBytes => lengthBytes;

    public void Write(long offsetBytes, ReadOnlySpan<byte> data)
    {
        Check(offsetBytes, data.Length);
        whole.Write(startBytes + offsetBytes, data);
    }

    public void CopyFrom(ContentSource source, long sourceOffset, long offsetBytes, long lengthBytes)
    {
        Check(offsetBytes, lengthBytes);
        whole.CopyFrom(source, sourceOffset, startBytes + offsetBytes, lengthBytes);
    }

    private void Check(long offsetBytes, long count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offsetBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, lengthBytes - offsetBytes);
    }
}
