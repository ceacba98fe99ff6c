using System.Buffers;
using static Pipeline.Disk.Iso.IsoFormat;

namespace Pipeline.Disk.Iso.Records;

/// <summary>
/// The bytes of one directory: records, none of which crosses a block, then the continuation areas of those whose system
/// use field is too short. An area does not cross a block either, because Linux refuses that.
/// </summary>
internal sealed class DirectoryBuffer
{
    private readonly ArrayBufferWriter<byte> _records = new();
    private readonly ArrayBufferWriter<byte> _areas = new();
    private readonly List<Link> _links = [];

    /// <param name="IsInArea">Whether the CE entry itself lies in an area.</param>
    private sealed record Link(bool IsInArea, int EntryByte, int AreaByte, int LengthBytes);

    public long RecordBlocks => BlocksOf(_records.WrittenCount);

    public long TotalBlocks => RecordBlocks + BlocksOf(_areas.WrittenCount);

    public void Add(DirectoryRecord record, ReadOnlySpan<byte> identifier, IReadOnlyList<byte[]> systemUse)
    {
        var headBytes = DirectoryRecord.LengthOf(identifier.Length);
        var inside = CountThatFit(systemUse, 0, DirectoryRecord.MaxBytes - 1 - headBytes);
        var useBytes = systemUse.Take(inside).Sum(e => e.Length) + (inside < systemUse.Count ? RockRidge.ContinuationBytes : 0);
        var bytes = new byte[(headBytes + useBytes + 1) / 2 * 2];
        record.WriteTo(bytes, identifier);
        Fill(bytes.AsSpan(headBytes), systemUse.Take(inside), inside < systemUse.Count);
        if (_records.WrittenCount % BlockBytes + bytes.Length > BlockBytes)
            _records.Write(new byte[-_records.WrittenCount & (BlockBytes - 1)]);
        var at = _records.WrittenCount;
        _records.Write(bytes);
        if (inside < systemUse.Count)
            Continue(systemUse, inside, new(false, at + headBytes + useBytes - RockRidge.ContinuationBytes, 0, 0));
    }

    /// <param name="firstBlock">Where this lies, as the view numbers it.</param>
    public byte[] ToBytes(long firstBlock)
    {
        var bytes = new byte[TotalBlocks * BlockBytes];
        _records.WrittenSpan.CopyTo(bytes);
        var areas = bytes.AsSpan((int)(RecordBlocks * BlockBytes));
        _areas.WrittenSpan.CopyTo(areas);
        foreach (var link in _links)
        {
            var entry = link.IsInArea ? areas[link.EntryByte..] : bytes.AsSpan(link.EntryByte);
            RockRidge.SetContinuation(entry, firstBlock + RecordBlocks + link.AreaByte / BlockBytes, link.AreaByte % BlockBytes, link.LengthBytes);
        }
        return bytes;
    }

    /// <summary>Puts what did not fit into areas, each of which ends with a link to the next.</summary>
    private void Continue(IReadOnlyList<byte[]> systemUse, int next, Link link)
    {
        while (next < systemUse.Count)
        {
            var free = BlockBytes - _areas.WrittenCount % BlockBytes;
            var count = CountThatFit(systemUse, next, free);
            if (count == 0)
            {
                _areas.Write(new byte[free]);
                continue;
            }
            var isLast = next + count == systemUse.Count;
            var entries = systemUse.Skip(next).Take(count);
            var area = new byte[entries.Sum(e => e.Length) + (isLast ? 0 : RockRidge.ContinuationBytes)];
            Fill(area, entries, !isLast);
            var at = _areas.WrittenCount;
            _areas.Write(area);
            _links.Add(link with { AreaByte = at, LengthBytes = area.Length });
            link = new(true, at + area.Length - RockRidge.ContinuationBytes, 0, 0);
            next += count;
        }
    }

    /// <summary>How many entries go into some bytes, with room for a link where they are not all.</summary>
    private static int CountThatFit(IReadOnlyList<byte[]> entries, int first, int bytes)
    {
        var (used, count, withLink) = (0, 0, 0);
        for (var i = first; i < entries.Count && used + entries[i].Length <= bytes; i++)
        {
            used += entries[i].Length;
            count++;
            if (used + RockRidge.ContinuationBytes <= bytes)
                withLink = count;
        }
        return first + count == entries.Count ? count : withLink;
    }

    private static void Fill(Span<byte> place, IEnumerable<byte[]> entries, bool continues)
    {
        foreach (var entry in continues ? entries.Append(RockRidge.Continuation()) : entries)
        {
            entry.CopyTo(place);
            place = place[entry.Length..];
        }
    }
}
