using Pipeline.Core.Blocks;
using Pipeline.Core.Compression;
using Pipeline.Disk.Squashfs.Packing;
using static System.Buffers.Binary.BinaryPrimitives;
using static Pipeline.Disk.Squashfs.SquashfsFormat;

namespace Pipeline.Disk.Squashfs.Records;

/// <summary>
/// Puts records into metadata blocks: 8 KiB each before they are packed, a length of two bytes in front. Records may lie
/// across blocks. Not thread-safe; call <see cref="Flush"/> last.
/// </summary>
internal sealed class MetadataWriter(IByteAppender output, BlockCompressor compressor)
{
    private readonly byte[] _block = new byte[MetadataBytes];
    private readonly byte[] _packed = new byte[2 + MetadataBytes];
    private readonly long _start = output.LengthBytes;
    private readonly List<long> _blocks = [];
    private int _used;

    /// <summary>
    /// Where the next record will begin: from bit 16 the offset of its block from the start of the table, below it the
    /// offset in the block once it is unpacked, 0 to 8191.
    /// </summary>
    public ulong Reference => ((ulong)(output.LengthBytes - _start) << 16) | (uint)_used;

    /// <summary>Where each block that is written lies in the output.</summary>
    public IReadOnlyList<long> Blocks => _blocks;

    public void Write(ReadOnlySpan<byte> record)
    {
        while (!record.IsEmpty)
        {
            var count = Math.Min(record.Length, MetadataBytes - _used);
            record[..count].CopyTo(_block.AsSpan(_used));
            Advance(count);
            record = record[count..];
        }
    }

    public void WriteZeroes(long count)
    {
        while (count > 0)
        {
            var piece = (int)Math.Min(count, MetadataBytes - _used);
            _block.AsSpan(_used, piece).Clear();
            Advance(piece);
            count -= piece;
        }
    }

    public void Flush()
    {
        if (_used == 0)
            return;
        var length = compressor.Compress(_block.AsSpan(0, _used), _packed.AsSpan(2, _used));
        if (length == 0)
            _block.AsSpan(0, _used).CopyTo(_packed.AsSpan(2));
        WriteUInt16LittleEndian(_packed, (ushort)(length == 0 ? _used | MetadataStored : length));
        _blocks.Add(output.LengthBytes);
        output.Append(_packed.AsSpan(0, 2 + (length == 0 ? _used : length)));
        _used = 0;
    }

    private void Advance(int count)
    {
        _used += count;
        if (_used == MetadataBytes)
            Flush();
    }
}
