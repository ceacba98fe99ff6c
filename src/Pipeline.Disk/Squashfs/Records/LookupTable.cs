using Pipeline.Core.Blocks;
using Pipeline.Core.Compression;
using Pipeline.Disk.Squashfs.Packing;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Pipeline.Disk.Squashfs.Records;

/// <summary>A table of records of equal length: metadata blocks, then a list of where they lie. Readers are told the place of the list.</summary>
internal static class LookupTable
{
    /// <param name="output">Takes the blocks and the list.</param>
    /// <param name="compressor">Of metadata blocks.</param>
    /// <param name="count">How many records there are.</param>
    /// <param name="encode">Fills one record by its place.</param>
    /// <param name="recordBytes">Divides 8192.</param>
    /// <returns>The offset of the list.</returns>
    public static long Write(IByteAppender output, BlockCompressor compressor, int count, RecordEncoder encode, int recordBytes)
    {
        var blocks = WriteBlocks(output, compressor, count, encode, recordBytes);
        var list = output.LengthBytes;
        WriteList(output, blocks);
        return list;
    }

    public delegate void RecordEncoder(int place, Span<byte> record);

    /// <summary>The blocks alone, for a table whose list has a head.</summary>
    public static IReadOnlyList<long> WriteBlocks(IByteAppender output, BlockCompressor compressor, int count, RecordEncoder encode, int recordBytes)
    {
        var table = new MetadataWriter(output, compressor);
        Span<byte> record = stackalloc byte[recordBytes];
        for (var place = 0; place < count; place++)
        {
            record.Clear();
            encode(place, record);
            table.Write(record);
        }
        table.Flush();
        return table.Blocks;
    }

    public static void WriteList(IByteAppender output, IReadOnlyList<long> blocks)
    {
        Span<byte> place = stackalloc byte[8];
        foreach (var block in blocks)
        {
            WriteInt64LittleEndian(place, block);
            output.Append(place);
        }
    }
}
