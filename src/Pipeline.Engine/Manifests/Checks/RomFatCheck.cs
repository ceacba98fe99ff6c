using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Manifests.Reading;
using Pipeline.Engine.Manifests.Yaml;

namespace Pipeline.Engine.Manifests.Checks;

/// <summary>For boot ROMs that read files: the FAT partition is one that they find.</summary>
internal sealed class RomFatCheck(BoardManifest board, string machine, YamlMap tree, DiagnosticBag bag)
{
    /// <summary>MBR types that mean FAT, and the width that each says.</summary>
    private static readonly (string Type, int Bits)[] MbrTypes = [("0c", 32), ("0b", 32), ("0e", 16), ("06", 16), ("04", 16), ("01", 12)];

    private static readonly string[] GptTypes = [PartitionTypes.GptEsp, "ebd0a0a2-b9e5-4433-87c0-68b6b72699c7"];

    /// <summary>As the ROM sees it: an entry of the MBR or of the GPT.</summary>
    /// <param name="Place">Where type and flags are written.</param>
    private sealed record Seen(Partition Partition, string TypeId, bool Active, YamlMap Place);

    /// <summary>The largest unit in which a size is whole, as manifests write it.</summary>
    public static string Size(long bytes) => bytes switch
    {
        > 0 when bytes % (1 << 20) == 0 => $"{bytes >> 20}MiB",
        > 0 when bytes % (1 << 10) == 0 => $"{bytes >> 10}KiB",
        _ => $"{bytes}B",
    };

    public void Run(BootRom rom)
    {
        var readsGpt = rom == BootRom.RaspberryPi4;
        if (board.Table is { Kind: TableKind.Gpt, Hybrid.IsEmpty: true } && !readsGpt)
        {
            bag.Add(RomRules.Table, tree.Map("table")!.SpanOf("type"), machine, "a GPT", "`type: mbr`, or add `hybrid` with the FAT partition");
            return;
        }
        if (readsGpt && board.Table.Kind == TableKind.Gpt)
            Moved();
        var all = (readsGpt || board.Table.Kind == TableKind.Mbr ? InTable() : InHybrid()).ToList();
        if (all.Find(s => s.Partition.FileSystem.Kind == FileSystemKind.Fat) is not { } fat)
        {
            bag.Add(RomRules.NoFat, tree.SpanOf("rom"), machine, board.Table.Hybrid.IsEmpty ? "" : " and name it under `hybrid`");
            return;
        }
        if (rom is BootRom.TiK3 && fat != all[0])
            bag.Add(RomRules.FatFirst, fat.Place.Span, machine, Message.Quote(all[0].Partition.Name), Message.Quote(fat.Partition.Name));
        if (rom is BootRom.TiK3 or BootRom.Am335x && !fat.Active)
            bag.Add(RomRules.FatActive, fat.Place.Find("active") is null ? fat.Place.SpanOf("flags") : fat.Place.SpanOf("active"), machine, Message.Quote(fat.Partition.Name));
        CheckType(rom, fat);
    }

    private IEnumerable<Seen> InTable() =>
        board.Partitions.Zip(tree.Maps("partitions"), (p, m) => new Seen(p, p.TypeId, p.Flags.Active, m));

    private IEnumerable<Seen> InHybrid() =>
        from entry in board.Table.Hybrid.Zip(tree.Map("table").Maps("hybrid"))
        let partition = board.Partitions.FirstOrDefault(p => p.Name == entry.First.Partition)
        where partition is not null
        select new Seen(partition, entry.First.TypeId, entry.First.Active, entry.Second);

    private void CheckType(BootRom rom, Seen fat)
    {
        if (rom == BootRom.RaspberryPi4 && board.Table.Kind == TableKind.Gpt)
        {
            if (!GptTypes.Contains(fat.TypeId))
                bag.Add(RomRules.FatType, fat.Place.SpanOf("type"), machine, fat.TypeId, Message.Quote(fat.Partition.Name), "`type: esp` or `type: fat`");
            return;
        }
        var known = Array.Find(MbrTypes, t => t.Type == fat.TypeId);
        if (known.Type is null && !(rom == BootRom.RaspberryPi4 && fat.TypeId == "ef") && fat.TypeId.Length > 0)
            bag.Add(RomRules.FatType, fat.Place.SpanOf("type"), machine, "0x" + fat.TypeId, Message.Quote(fat.Partition.Name), "`type: fat` (0x0c) or 0x0e");
        else if (known.Type is not null && fat.Partition.FileSystem.FatBits is { } bits && bits != known.Bits)
            bag.Add(RomRules.FatWidth, fat.Place.SpanOf("type"), machine, "0x" + fat.TypeId, known.Bits, Message.Quote(fat.Partition.Name), bits, bits == 32 ? "0x0c" : bits == 16 ? "0x0e" : "0x01");
    }

    private void Moved()
    {
        var table = tree.Map("table")!;
        var usual = Disk.Gpt.GptTable.DefaultFirstUsableLba(Disk.Gpt.GptTable.DefaultEntryCount, Disk.Gpt.GptTable.DefaultEntriesLba, board.SectorBytes);
        if (board.Table.EntriesLba != Disk.Gpt.GptTable.DefaultEntriesLba)
            bag.Add(RomRules.MovedTable, table.SpanOf("entriesAt"), machine, "entriesAt");
        if (board.Table.FirstUsableLba is { } first && first != usual)
            bag.Add(RomRules.MovedTable, table.SpanOf("firstUsable"), machine, "firstUsable");
    }
}
