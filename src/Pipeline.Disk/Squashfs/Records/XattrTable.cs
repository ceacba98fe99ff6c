using System.Security.Cryptography;
using Pipeline.Core.Blocks;
using Pipeline.Core.Compression;
using Pipeline.Disk.Squashfs.Packing;
using Pipeline.Disk.Squashfs.Placing;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Pipeline.Disk.Squashfs.Records;

/// <summary>
/// Writes the sets of attributes: names and values in metadata blocks, a table that finds each set, a head. A value that
/// was written before is referred to, where that is shorter.
/// </summary>
internal sealed class XattrTable(IByteAppender output, BlockCompressor compressor)
{
    private const ushort OutOfLine = 0x100;
    private const int ReferenceBytes = 8;
    private const int SetBytes = 16;

    private readonly Dictionary<UInt128, ulong> _valueAt = [];
    private readonly byte[] _word = new byte[16];

    /// <returns>The offset of the head, which ends the file system; null where there are no attributes.</returns>
    public long? Write(IReadOnlyList<XattrEntry[]> sets)
    {
        if (sets.Count == 0)
            return null;
        var start = output.LengthBytes;
        var pairs = new MetadataWriter(output, compressor);
        var places = sets.Select(s => (Reference: pairs.Reference, Bytes: WriteSet(pairs, s), s.Length)).ToList();
        pairs.Flush();
        var blocks = LookupTable.WriteBlocks(output, compressor, places.Count, (i, record) =>
        {
            WriteUInt64LittleEndian(record, places[i].Reference);
            WriteInt32LittleEndian(record[0x8..], places[i].Length);
            WriteInt32LittleEndian(record[0xC..], places[i].Bytes);
        }, SetBytes);
        var head = output.LengthBytes;
        WriteInt64LittleEndian(_word, start);
        WriteInt32LittleEndian(_word.AsSpan(0x8), sets.Count);
        WriteInt32LittleEndian(_word.AsSpan(0xC), 0);
        output.Append(_word);
        LookupTable.WriteList(output, blocks);
        return head;
    }

    private int WriteSet(MetadataWriter pairs, XattrEntry[] set)
    {
        var bytes = 0;
        foreach (var entry in set)
        {
            var digest = ReadUInt128LittleEndian(SHA256.HashData(entry.Value));
            var isKnown = _valueAt.TryGetValue(digest, out var at) && entry.Value.Length > ReferenceBytes;
            WriteUInt16LittleEndian(_word, (ushort)(entry.Prefix | (isKnown ? OutOfLine : 0)));
            WriteUInt16LittleEndian(_word.AsSpan(0x2), (ushort)entry.Name.Length);
            pairs.Write(_word.AsSpan(0, 4));
            pairs.Write(entry.Name);
            if (!isKnown)
                _valueAt.TryAdd(digest, pairs.Reference);
            WriteInt32LittleEndian(_word, isKnown ? ReferenceBytes : entry.Value.Length);
            WriteUInt64LittleEndian(_word.AsSpan(0x4), at);
            pairs.Write(_word.AsSpan(0, isKnown ? 4 + ReferenceBytes : 4));
            if (!isKnown)
                pairs.Write(entry.Value);
            bytes += 8 + entry.Name.Length + (isKnown ? ReferenceBytes : entry.Value.Length);
        }
        return bytes;
    }
}
