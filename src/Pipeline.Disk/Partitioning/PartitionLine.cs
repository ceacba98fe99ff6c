using System.Collections.Immutable;
using Pipeline.Core.Blocks;
using Pipeline.Core.Diagnostics;

namespace Pipeline.Disk.Partitioning;

/// <summary>Gives each partition its place, and says which of them gets none; whether they collide is not asked here.</summary>
internal sealed class PartitionLine(PlacementRequest request, Room room, DiagnosticBag bag)
{
    private readonly PlacedPartition?[] _placed = new PlacedPartition?[request.Partitions.Length];

    /// <summary>Blobs that a partition must not cover.</summary>
    private readonly Region[] _obstacles = [.. request.Blobs.Where(b => !b.MayLieInPartition).SelectMany(b => b.Pieces()).OrderBy(r => r.OffsetBytes)];

    /// <summary>In the order of the request; null for one that found no room.</summary>
    public ImmutableArray<PlacedPartition?> Place()
    {
        var rest = RestIndex();
        var forwardCount = rest >= 0 && room.IsBounded ? rest : _placed.Length;
        var cursor = room.StartBytes;
        for (var i = 0; i < forwardCount; i++)
            cursor = PlaceForward(i, cursor);
        if (forwardCount < _placed.Length)
        {
            var limit = room.EndBytes;
            for (var i = _placed.Length - 1; i > rest; i--)
                limit = PlaceBackward(i, limit);
            PlaceRest(rest, cursor, limit);
        }
        return [.. _placed];
    }

    private int RestIndex()
    {
        var first = -1;
        for (var i = 0; i < request.Partitions.Length; i++)
        {
            var partition = request.Partitions[i];
            if (partition.LengthBytes is not null)
                continue;
            if (first < 0)
                first = i;
            else
                bag.Add(PlacementRules.TwoRests, partition.Span, request.Partitions[first].Name, partition.Name);
        }
        return first;
    }

    private long PlaceForward(int index, long cursor)
    {
        var partition = request.Partitions[index];
        var length = Length(partition);
        var lead = Lead(index);
        var start = partition.OffsetBytes ?? NextFree(cursor, lead + length) + lead;
        _placed[index] = Placed(index, start, length);
        return start + length;
    }

    private long PlaceBackward(int index, long limit)
    {
        var partition = request.Partitions[index];
        var length = Length(partition);
        var lead = Lead(index);
        var start = partition.OffsetBytes ?? LastFree(limit, lead + length) + lead;
        if (start < lead + room.StartBytes && partition.OffsetBytes is null)
        {
            bag.Add(PlacementRules.NoRoomBeforeEnd, partition.Span, partition.Name, RequestCheck.Size(length), NeededDisk());
            return limit;
        }
        var placed = _placed[index] = Placed(index, start, length);
        return placed.BootRecordBytes ?? start;
    }

    private void PlaceRest(int index, long cursor, long limit)
    {
        var partition = request.Partitions[index];
        var least = Math.Max(1, partition.MinimumBytes);
        var lead = Lead(index);
        var start = partition.OffsetBytes ?? NextFree(cursor, lead + least) + lead;
        var end = _obstacles.Where(o => o.EndBytes > start).Select(o => o.OffsetBytes).Append(limit).Min();
        var whole = end / request.AlignmentBytes * request.AlignmentBytes;
        end = whole - start >= least ? whole : end / request.SectorBytes * request.SectorBytes;
        if (partition.MaximumBytes is { } most && end - start > most)
            end = start + DiskPlacement.RoundUp(most, request.SectorBytes);
        if (end - start >= least)
            _placed[index] = Placed(index, start, end - start);
        else
            bag.Add(PlacementRules.RestTooSmall, partition.Span, partition.Name, RequestCheck.Size(Math.Max(0, end - start)), RequestCheck.Size(least), NeededDisk());
    }

    /// <summary>What is kept free before a partition whose place is free to choose: room for the boot record of a logical one.</summary>
    private long Lead(int index) => DiskPlacement.IsLogical(request, index) ? request.AlignmentBytes : 0;

    private PlacedPartition Placed(int index, long start, long length)
    {
        var partition = request.Partitions[index];
        var lead = partition.OffsetBytes is null ? request.AlignmentBytes : request.SectorBytes;
        return new(partition.Name, start, length) { BootRecordBytes = DiskPlacement.IsLogical(request, index) ? start - lead : null };
    }

    /// <summary>The length of the disk on which everything has room; found by placing it without a length.</summary>
    private string NeededDisk()
    {
        var free = request with { DiskBytes = null };
        var line = new PartitionLine(free, room with { EndBytes = long.MaxValue }, new DiagnosticBag()).Place();
        return RequestCheck.Size(DiskPlacement.DiskBytesFor(free, line.Max(p => p!.Region.EndBytes)));
    }

    private long Length(PartitionRequest partition) => partition.LengthBytes is { } length
        ? DiskPlacement.RoundUp(length, request.SectorBytes)
        : DiskPlacement.RoundUp(Math.Max(1, partition.MinimumBytes), request.AlignmentBytes);

    private long NextFree(long cursor, long length)
    {
        var start = DiskPlacement.RoundUp(cursor, request.AlignmentBytes);
        while (Collision(start, length) is { } obstacle)
            start = DiskPlacement.RoundUp(obstacle.EndBytes, request.AlignmentBytes);
        return start;
    }

    private long LastFree(long limit, long length)
    {
        var start = AlignDown(limit - length);
        while (start >= 0 && Collision(start, length) is { } obstacle)
            start = AlignDown(obstacle.OffsetBytes - length);
        return start;
    }

    private long AlignDown(long value) => value < 0 ? -1 : value / request.AlignmentBytes * request.AlignmentBytes;

    private Region? Collision(long start, long length)
    {
        var wanted = new Region(start, length, "");
        foreach (var obstacle in _obstacles)
        {
            if (obstacle.Overlaps(wanted))
                return obstacle;
        }
        return null;
    }
}
