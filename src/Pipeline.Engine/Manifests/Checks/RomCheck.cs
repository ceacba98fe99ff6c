using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Disk.Gpt;
using Pipeline.Disk.Partitioning;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Manifests.Yaml;
using TableKind = Pipeline.Engine.Manifests.Models.TableKind;

namespace Pipeline.Engine.Manifests.Checks;

/// <summary>The layout is one that the board's boot ROM reads. A board that names no ROM is not asked.</summary>
/// <param name="placement">With every partition at its least; null where there is none.</param>
internal sealed class RomCheck(BoardManifest board, Placement? placement, YamlMap tree, DiagnosticBag bag)
{
    private const long KiB = 1 << 10;

    /// <summary>U-Boot and the trusted firmware lie at 8 and 12 MiB, a combined image ends behind 9 MiB; vendors keep 16 free.</summary>
    private const long RockchipFirstByte = 16 << 20;

    /// <summary>AM335x technical reference manual, 26.1.8.5: four places, the next of which ends each.</summary>
    private static readonly long[] MloPlaces = [0, 128 * KiB, 256 * KiB, 384 * KiB];

    private string Machine => MachineOf(board.Rom!.Value);

    public static void Run(BoardManifest board, Placement? placement, YamlMap tree, DiagnosticBag bag)
    {
        if (board.Rom is { } rom && !board.Partitions.IsEmpty)
            new RomCheck(board, placement, tree, bag).Run(rom);
    }

    private void Run(BootRom rom)
    {
        switch (rom)
        {
            case BootRom.RaspberryPi or BootRom.RaspberryPi4 or BootRom.TiK3:
                new RomFatCheck(board, Machine, tree, bag).Run(rom);
                break;
            case BootRom.Am335x:
                Am335x();
                break;
            case BootRom.Rockchip:
                Blob(32 * KiB);
                FirstPartition();
                break;
            case BootRom.Allwinner:
                Blob(8 * KiB, 128 * KiB);
                break;
            case BootRom.Amlogic:
                if (board.Table.Kind == TableKind.Gpt)
                    bag.Add(RomRules.Table, tree.Map("table")!.SpanOf("type"), Machine, "a GPT: its loader lies at byte 512, where the header would", "`type: mbr`");
                Blob(512, 0);
                break;
            case BootRom.Imx6:
                Blob(KiB);
                break;
            case BootRom.Imx8:
                Blob(32 * KiB);
                break;
            case BootRom.Imx8Mm:
                Blob(33 * KiB);
                break;
            case BootRom.Imx8Mq:
                Blob(33 * KiB, 32 * KiB);
                break;
            case BootRom.Jh7110:
                Partition("2e54b353-1271-4842-806f-e436d6af6985");
                break;
            default:
                Partition("5b193300-fc78-40cd-8002-e86c45580b47");
                Partition("2e54b353-1271-4842-806f-e436d6af6985");
                break;
        }
    }

    internal static string MachineOf(BootRom rom) => rom switch
    {
        BootRom.RaspberryPi => "Raspberry Pi 0 to 3",
        BootRom.RaspberryPi4 => "Raspberry Pi 4 and later",
        BootRom.TiK3 => "TI K3",
        BootRom.Am335x => "AM335x",
        BootRom.Rockchip => "Rockchip",
        BootRom.Allwinner => "Allwinner",
        BootRom.Amlogic => "Amlogic",
        BootRom.Imx6 => "i.MX6",
        BootRom.Imx8 => "i.MX8 (8MN, 8MP, 9x)",
        BootRom.Imx8Mm => "i.MX8MM",
        BootRom.Imx8Mq => "i.MX8MQ",
        BootRom.Jh7110 => "JH7110",
        _ => "SiFive",
    };

    /// <summary>The first place is the usual one; a board with one blob has put that one wrong.</summary>
    private void Blob(params long[] places)
    {
        if (board.Blobs.Any(b => places.Contains(b.Offset.Bytes)))
            return;
        var blobs = tree.Maps("blobs").ToList();
        var span = blobs.Count == 1 ? blobs[0].SpanOf("offset") : tree.SpanOf("rom");
        bag.Add(RomRules.NoBlob, span, Machine, string.Join(" or ", places.Select(RomFatCheck.Size)));
    }

    private void FirstPartition()
    {
        var first = placement?.Partitions.Zip(board.Partitions).Zip(tree.Maps("partitions"))
            .Where(p => p.First.Second.FileSystem.Kind != FileSystemKind.None).MinBy(p => p.First.First.OffsetBytes);
        if (first is { First: var (placed, _), Second: var map } && placed.OffsetBytes < RockchipFirstByte)
            bag.Add(RomRules.FirstPartition, map.SpanOf("offset"), Machine, RomFatCheck.Size(RockchipFirstByte), placed.Name, placed.OffsetBytes);
    }

    /// <summary>Either raw slots or files on an active FAT.</summary>
    private void Am335x()
    {
        var slots = board.Blobs.Zip(tree.Maps("blobs")).Where(b => MloPlaces.Contains(b.First.Offset.Bytes) && IsMlo(b.First)).ToList();
        foreach (var (blob, map) in slots.Where(b => b.First.Limit is not { } limit || limit.Bytes > MloPlaces[1]))
            bag.Add(RomRules.Slot, map.SpanOf("limit"), Machine, RomFatCheck.Size(MloPlaces[1]), Message.Quote(blob.Name), blob.Limit is { } limit ? RomFatCheck.Size(limit.Bytes) : "any length");
        var stray = board.Blobs.Zip(tree.Maps("blobs")).FirstOrDefault(b => IsMlo(b.First) && !MloPlaces.Contains(b.First.Offset.Bytes));
        if (slots.Count == 0 && stray.First is not null)
            bag.Add(RomRules.NoBlob, stray.Second.SpanOf("offset"), Machine, string.Join(", ", MloPlaces.Select(RomFatCheck.Size)));
        else if (slots.Count == 0)
            new RomFatCheck(board, Machine, tree, bag).Run(BootRom.Am335x);
    }

    private static bool IsMlo(RawBlob blob) =>
        blob.Expect == Disk.Loaders.LoaderKind.Mlo || blob.Name.Contains("mlo", StringComparison.OrdinalIgnoreCase) || blob.Name.Contains("spl", StringComparison.OrdinalIgnoreCase);

    private void Partition(string type)
    {
        if (board.Table.Kind == TableKind.Mbr)
        {
            bag.Add(RomRules.Table, tree.Map("table")!.SpanOf("type"), Machine, "an MBR: it looks for a partition by its GUID", "`type: gpt`");
            return;
        }
        var index = board.Partitions.Select(p => p.TypeId).ToImmutableArray().IndexOf(type);
        var begins = index >= 0 && board.Blobs.Any(b => b.Offset == board.Partitions[index].Offset);
        if (!begins)
            bag.Add(RomRules.LoaderPartition, index < 0 ? tree.SpanOf("rom") : tree.Maps("partitions").ElementAt(index).SpanOf("offset"), Machine, type, index < 0 ? "add both" : "give it and the blob the same offset");
    }
}
