using System.Text;
using Pipeline.Core.Files;

namespace Pipeline.Disk.Fat;

/// <summary>One entry of a directory that is being placed: its name, its node, and its clusters once they are known.</summary>
internal sealed class FatFile(FatName name, FileNode node)
{
    public FatName Name => name;

    public FileNode Node => node;

    /// <summary>The name as the tree has it.</summary>
    public required string Text { get; init; }

    /// <summary>The directory behind the entry; null for a file.</summary>
    public FatDirectory? Directory { get; init; }

    /// <summary>0 for an empty file, which has no cluster.</summary>
    public uint FirstCluster { get; set; }

    public uint LengthBytes => node is RegularFile file ? (uint)file.Content.LengthBytes : 0;
}

/// <summary>A directory with the names that FAT will know its children by.</summary>
internal sealed class FatDirectory(string path, DirectoryNode node, FatDirectory? parent)
{
    /// <summary>
    /// What a directory holds at most, label and dots included. FAT allows 2 MiB, which is 65536 slots; the field that
    /// counts the root's slots on FAT12 and FAT16 has sixteen bits, and whole sectors of up to 4096 bytes fill it to here.
    /// </summary>
    public const int MaxSlots = 65_408;

    /// <summary>Ends with '/'.</summary>
    public string Path => path;

    public DirectoryNode Node => node;

    public FatDirectory? Parent => parent;

    public List<FatFile> Files { get; } = [];

    public uint FirstCluster { get; set; }

    /// <summary>The slots of the children, and of "." and ".." below the root. The root's label is not counted.</summary>
    public int SlotCount { get; private set; } = parent is null ? 0 : 2;

    public void Add(FatFile file)
    {
        Files.Add(file);
        SlotCount += file.Name.SlotCount;
    }
}

/// <summary>
/// Finds for each name of one directory its short form: names that are 8.3 names keep it, all others get an alias with
/// a number. Deterministic: the order of the names decides, nothing else.
/// </summary>
internal sealed class AliasMaker
{
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _next = new(StringComparer.Ordinal);

    /// <summary>The short form of a name that has one by nature. Call this for all names first, then <see cref="Alias"/>.</summary>
    public FatName? Natural(string text)
    {
        var name = FatName.TryShort(text);
        if (name is not null)
            _taken.Add(Key(name.Short));
        return name;
    }

    public FatName Alias(string text)
    {
        var (main, extension) = FatName.AliasParts(text);
        var family = main[..Math.Min(main.Length, 6)] + "." + extension;
        for (var number = _next.GetValueOrDefault(family, 1); ; number++)
        {
            var tail = "~" + number;
            var alias = FatName.Pad(main[..Math.Min(main.Length, 8 - tail.Length)] + tail, extension);
            if (!_taken.Add(Key(alias)))
                continue;
            _next[family] = number + 1;
            return new(alias, 0, text);
        }
    }

    private static string Key(byte[] name) => Encoding.ASCII.GetString(name);
}
