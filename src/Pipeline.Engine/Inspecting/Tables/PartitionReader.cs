using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Inspecting.Contents;

namespace Pipeline.Engine.Inspecting.Tables;

/// <summary>Turns the entries of a table into partitions, and looks into those that lie in the file.</summary>
internal static class PartitionReader
{
    private const int MaxPartitions = 1024;
    private const ulong MaxLba = 1UL << 50;

    public static ImmutableArray<PartitionMap> Read(ImageReader reader, FoundTable table, DiagnosticBag bag)
    {
        var partitions = ImmutableArray.CreateBuilder<PartitionMap>();
        foreach (var entry in table.Entries)
        {
            if (partitions.Count == MaxPartitions)
            {
                bag.Add(InspectRules.TooMany, null, MaxPartitions, "partitions");
                break;
            }
            if (entry.LastLba < entry.FirstLba || entry.LastLba > MaxLba)
                bag.Add(InspectRules.BadEntry, null, entry.Number, entry.FirstLba, entry.LastLba);
            else
                partitions.Add(ToPartition(reader, table, entry, bag));
        }
        Overlaps(partitions, bag);
        return partitions.ToImmutable();
    }

    private static PartitionMap ToPartition(ImageReader reader, FoundTable table, FoundEntry entry, DiagnosticBag bag)
    {
        var sectorBytes = table.Map.SectorBytes;
        var offset = (long)entry.FirstLba * sectorBytes;
        var end = ((long)entry.LastLba + 1) * sectorBytes;
        var isInside = end <= reader.LengthBytes;
        if (!isInside)
            bag.Add(InspectRules.PartitionOutside, null, entry.Number, offset, end, $"the file of {reader.LengthBytes} bytes");
        else if (entry.FirstLba < (ulong)Math.Max(0, table.Map.FirstUsableLba ?? 0) || entry.LastLba > (ulong)Math.Max(0, table.Map.LastUsableLba ?? long.MaxValue))
            bag.Add(InspectRules.PartitionOutside, null, entry.Number, offset, end, $"the usable sectors {table.Map.FirstUsableLba} to {table.Map.LastUsableLba}");
        var content = isInside && entry.TypeName != PartitionTypes.Extended ? FileSystemProbe.Probe(reader, new(offset, end - offset, ""), bag) : null;
        return new(entry.Number, entry.Name, offset, end - offset, entry.Type, entry.TypeName, entry.Id, entry.Flags, content);
    }

    private static void Overlaps(IEnumerable<PartitionMap> partitions, DiagnosticBag bag)
    {
        PartitionMap? furthest = null;
        foreach (var partition in partitions.Where(p => p.TypeName != PartitionTypes.Extended).OrderBy(p => p.OffsetBytes))
        {
            if (furthest is not null && partition.OffsetBytes < furthest.OffsetBytes + furthest.LengthBytes)
                bag.Add(InspectRules.PartitionsOverlap, null, furthest.Number, partition.Number, partition.OffsetBytes);
            if (furthest is null || partition.OffsetBytes + partition.LengthBytes > furthest.OffsetBytes + furthest.LengthBytes)
                furthest = partition;
        }
    }
}
