using Pipeline.Core.Files;

namespace Pipeline.Core.Blocks;

/// <summary>A sink in memory, for small images that are part of another one (a FAT image inside an ISO) and for tests.</summary>
public sealed class MemorySink(long lengthBytes) : IBlockSink
{
    private readonly byte[] _bytes = new byte[lengthBytes];

    public long LengthBytes => _bytes.Length;

    public ReadOnlyMemory<byte> Bytes => _bytes;

    public void Write(long offsetBytes, ReadOnlySpan<byte> data) => data.CopyTo(_bytes.AsSpan(checked((int)offsetBytes)));

    public void CopyFrom(ContentSource source, long sourceOffset, long offsetBytes, long lengthBytes) =>
        source.ReadExactly(sourceOffset, _bytes.AsSpan(checked((int)offsetBytes), checked((int)lengthBytes)));
}
