using System.Globalization;
using System.Text;
using Pipeline.Core.Units;

namespace Pipeline.Engine.Inspecting;

/// <summary>The map as people read it: everything in the order of the disk, offsets and lengths in bytes.</summary>
public static class ImageMapText
{
    public static string Render(ImageMap map)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{map.Path}: {new ByteSize(map.LengthBytes)} ({map.LengthBytes} bytes)\n{map.Sha256}\n");
        if (map.Table is { } table)
            text.Append(CultureInfo.InvariantCulture, $"{Describe(table)}\n");
        if (map.FileSystem is { } whole)
            text.Append(CultureInfo.InvariantCulture, $"file system: {Describe(whole)}\n");
        foreach (var (offset, length, what) in Lines(map).OrderBy(l => l.Offset).ThenByDescending(l => l.Length))
            text.Append(CultureInfo.InvariantCulture, $"{offset,14} {length,14} {what}\n");
        return text.ToString();
    }

    private static IEnumerable<(long Offset, long Length, string What)> Lines(ImageMap map) =>
    [
        .. map.Table?.Regions.Select(r => (r.OffsetBytes, r.LengthBytes, r.Name)) ?? [],
        .. map.Partitions.Select(p => (p.OffsetBytes, p.LengthBytes, Describe(p))),
        .. map.RawRegions.Select(r => (r.OffsetBytes, r.LengthBytes, "raw: " + (r.Description ?? "unknown data"))),
        .. map.FreeRegions.Select(f => (f.OffsetBytes, f.LengthBytes, "free")),
    ];

    private static string Describe(TableMap table) => table.Kind == "mbr"
        ? $"mbr {table.Id}"
        : $"gpt {table.Id}: sectors of {table.SectorBytes} bytes, {table.EntryCount} entries at sector {table.EntriesLba}, usable {table.FirstUsableLba} to {table.LastUsableLba}";

    private static string Describe(PartitionMap partition)
    {
        var parts = new List<string> { $"partition {partition.Number}" + (partition.Name.Length > 0 ? $" '{Printable(partition.Name)}'" : "") };
        parts.Add(partition.TypeName is null ? $"type {partition.Type}" : partition.TypeName);
        parts.AddRange(partition.Flags);
        if (partition.FileSystem is { } content)
            parts.Add(Describe(content));
        return string.Join(", ", parts);
    }

    private static string Describe(FileSystemMap content)
    {
        var text = content.Kind;
        if (content.Label is not null)
            text += $" '{Printable(content.Label)}'";
        if (content.Id is not null)
            text += " " + content.Id;
        if (content.LengthBytes is { } length)
            text += content.UsedBytes is { } used ? $" ({new ByteSize(used)} of {new ByteSize(length)} used)" : $" ({new ByteSize(length)})";
        return text;
    }

    /// <summary>An image's names reach a terminal: control characters and halves of characters must not.</summary>
    private static string Printable(string text) => string.Concat(text.EnumerateRunes().Select(r => Rune.IsControl(r) ? "\uFFFD" : r.ToString()));
}
