using System.Buffers;
using Pipeline.Core.Blocks;

namespace Pipeline.Disk.Squashfs.Packing;

/// <summary>Bytes in memory, for a table that grows beside another one.</summary>
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
