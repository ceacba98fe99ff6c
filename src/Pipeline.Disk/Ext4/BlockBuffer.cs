using Pipeline.Core.Blocks;
using static Pipeline.Disk.Ext4.Ext4Format;

namespace Pipeline.Disk.Ext4;

/// <summary>Collects metadata blocks that lie side by side and writes them together. Call <see cref="Flush"/> at the end.</summary>
internal sealed class BlockBuffer(IBlockSink sink)
{
    private const int Blocks = 256;
    private readonly byte[] _bytes = new byte[Blocks * BlockBytes];
    private long _firstBlock;
    private int _count;

    /// <summary>One block to fill, all zero. It is valid until the next call.</summary>
    public Span<byte> Next(long block)
    {
        if (_count == Blocks || block != _firstBlock + _count)
        {
            Flush();
            _firstBlock = block;
        }
        var slot = _bytes.AsSpan(_count++ * BlockBytes, BlockBytes);
        slot.Clear();
        return slot;
    }

    public void Flush()
    {
        if (_count > 0)
            sink.Write(_firstBlock * BlockBytes, _bytes.AsSpan(0, _count * BlockBytes));
        _count = 0;
    }
}
