using System.Collections.Immutable;
using Pipeline.Core.Blocks;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Disk.Gpt;
using Pipeline.Disk.Iso.Boot;
using Pipeline.Disk.Iso.Placing;
using static Pipeline.Disk.Iso.IsoFormat;

namespace Pipeline.Disk.Iso;

/// <summary>
/// Where everything of an ISO lies: descriptors, directories, contents, partitions. Only a boot image for a BIOS is read
/// here, because it is changed; all other contents are read when they are poured, and the tree must not change until then.
/// </summary>
public sealed class IsoLayout
{
    private const string RootPlaces = "directories";

    private IsoLayout(IsoOptions options, IsoTree tree, BootFiles boot)
    {
        (Options, Contents) = (options, new ContentPlaces(tree));
        Encoder = new DirectoryEncoder(tree, Contents);
        Views = [.. Kinds(options).Select(k => new DirectoryView(tree, k.FirstBlock, k.IsJoliet, k.FirstBlock > 0 ? boot.Efi : null))];
        var block = Views.Aggregate((long)HeadBlocks, (b, view) => view.Place(b, Encoder));
        if (boot.Bios is not null || boot.Efi is not null)
            CatalogBlock = block++;
        IsoEndBlock = AlignUp(Contents.Place(block, boot.Efi), options.Table is null ? 1 : PartitionAlignmentBlocks);
        VolumeBlocks = PaddingBlocks + (boot.Efi is null ? IsoEndBlock : Contents.PlaceLast(boot.Efi, IsoEndBlock));
        EfiBytes = boot.Efi?.Content.LengthBytes ?? 0;
        PlaceBehind();
        if (boot.Bios is not null)
            Contents.Change(boot.Bios, BiosImage.Patch(boot.Bios.Content.ReadAll(MaxBootImageBytes), Contents.BlockOf(boot.Bios), options.Bios!.IsGrub));
        Images = [.. BootImages(boot)];
    }

    public long LengthBytes => TotalBlocks * BlockBytes;

    internal IsoOptions Options { get; }

    internal ContentPlaces Contents { get; }

    internal DirectoryEncoder Encoder { get; }

    /// <summary>Those of the medium, then those of the partition; with Rock Ridge, then with Joliet.</summary>
    internal ImmutableArray<DirectoryView> Views { get; }

    /// <summary>In the order of the boot catalog.</summary>
    internal ImmutableArray<BootImage> Images { get; }

    internal long? CatalogBlock { get; }

    /// <summary>Behind the last contents that partition 1 shows; the UEFI image begins here.</summary>
    internal long IsoEndBlock { get; }

    /// <summary>What the volume descriptor of the medium counts.</summary>
    internal long VolumeBlocks { get; }

    /// <summary>The first block of each partition behind the volume.</summary>
    internal ImmutableArray<long> BehindBlocks { get; private set; } = [];

    internal bool HasBoot => CatalogBlock is not null;

    /// <summary>System area and all volume descriptors.</summary>
    internal int HeadBlocks => Options.Table is null ? SystemAreaBlocks + (Options.Bios is null && Options.EfiImagePath is null ? 3 : 4) : SystemAreaBlocks + PartitionBlock + 3;

    private long EfiBytes { get; }

    private long TotalBlocks { get; set; }

    /// <summary>Decides everything, or says everything that is wrong.</summary>
    /// <param name="span">Where the user asked for this ISO.</param>
    public static Result<IsoLayout> Place(FileTree tree, IsoOptions options, SourceSpan? span)
    {
        var bag = new DiagnosticBag();
        if (IsoVolumeId.Problem(options.VolumeId) is { } problem)
            bag.Add(IsoRules.BadVolumeId, span, options.VolumeId, problem);
        var listed = new IsoTree(tree, span, bag);
        var boot = BootFiles.Find(tree, options, span, bag);
        if (bag.HasErrors)
            return Result<IsoLayout>.Failed(bag.ToImmutable());
        var layout = new IsoLayout(options, listed, boot);
        if (layout.TotalBlocks > MaxBlocks)
            bag.Add(IsoRules.TooLarge, span, layout.LengthBytes, MaxBlocks * BlockBytes);
        return bag.HasErrors ? Result<IsoLayout>.Failed(bag.ToImmutable()) : new(layout, bag.ToImmutable());
    }

    /// <summary>The map, in bytes.</summary>
    public IEnumerable<Region> Regions()
    {
        yield return At(SystemAreaBlocks, (Options.Table is null ? HeadBlocks : 2 * SystemAreaBlocks) - SystemAreaBlocks, "volume descriptors");
        if (Options.Table is not null)
            yield return At(2 * SystemAreaBlocks, HeadBlocks - 2 * SystemAreaBlocks, "volume descriptors of partition 1");
        foreach (var view in Views)
        {
            var last = view.Directories[^1];
            var name = (view.IsJoliet ? "joliet " : "") + RootPlaces + (view.FirstBlock > 0 ? " of partition 1" : "");
            yield return At(view.PathTableLBlock, last.Block + last.TotalBlocks - view.PathTableLBlock, name);
        }
        if (CatalogBlock is { } catalog)
            yield return At(catalog, 1, "boot catalog");
        if (IsoEndBlock > Contents.FirstBlock)
            yield return At(Contents.FirstBlock, IsoEndBlock - Contents.FirstBlock, "files");
        if (EfiBytes > 0)
            yield return new(IsoEndBlock * BlockBytes, EfiBytes, "efi image");
        foreach (var region in TableRegions())
            yield return region;
    }

    /// <summary>Null where the ISO is no disk.</summary>
    internal GptTable? Gpt => Options.Table is not { } table ? null : new GptTable
    {
        DiskGuid = table.DiskGuid,
        SectorBytes = SectorBytes,
        DiskBytes = LengthBytes,
        FirstUsableLba = GptTable.DefaultFirstUsableLba(GptTable.DefaultEntryCount, GptTable.DefaultEntriesLba, SectorBytes),
        Slots = [.. Slots(table)],
    };

    private IEnumerable<Region> TableRegions()
    {
        if (Gpt is not { } gpt)
            yield break;
        if (Options.Table!.HybridBootCode is not null)
            yield return new(0, GptWriter.ProtectiveMbrFirstByte, "boot code");
        foreach (var region in gpt.Regions())
            yield return region;
        for (var i = 0; i < BehindBlocks.Length; i++)
            yield return new(BehindBlocks[i] * BlockBytes, Options.Table.Behind[i].FileSystem.LengthBytes, $"partition '{Options.Table.Behind[i].Name}'");
    }

    private static Region At(long block, long blocks, string name) => new(block * BlockBytes, blocks * BlockBytes, name);

    private static IEnumerable<(long FirstBlock, bool IsJoliet)> Kinds(IsoOptions options) =>
        options.Table is null ? [(0, false), (0, true)] : [(0, false), (0, true), (PartitionBlock, false), (PartitionBlock, true)];

    /// <summary>The backup table lies in the padding of the volume, where the media check does not look, or behind all partitions.</summary>
    private void PlaceBehind()
    {
        TotalBlocks = VolumeBlocks;
        if (Options.Table is not { Behind.IsEmpty: false } table)
            return;
        var places = ImmutableArray.CreateBuilder<long>();
        foreach (var partition in table.Behind)
        {
            places.Add(AlignUp(TotalBlocks, PartitionAlignmentBlocks));
            TotalBlocks = places[^1] + BlocksOf(partition.FileSystem.LengthBytes);
        }
        BehindBlocks = places.ToImmutable();
        TotalBlocks += BlocksOf((GptTable.EntrySectors(GptTable.DefaultEntryCount, SectorBytes) + 1) * SectorBytes);
    }

    private IEnumerable<GptSlot> Slots(IsoTable table)
    {
        // Required, read-only and, for the data partition of Microsoft's type, not to be written by Windows.
        const ulong readOnly = 0x1000_0000_0000_0001;
        yield return new("ISO9660", IsoPartitionTypes.BasicData, table.IsoGuid, PartitionBlock * SectorsPerBlock, IsoEndBlock * SectorsPerBlock - 1, readOnly);
        if (EfiBytes > 0)
            yield return new("EFI", IsoPartitionTypes.EfiSystem, table.EfiGuid, IsoEndBlock * SectorsPerBlock, IsoEndBlock * SectorsPerBlock + EfiBytes / SectorBytes - 1, 0);
        for (var i = 0; i < table.Behind.Length; i++)
        {
            var first = BehindBlocks[i] * SectorsPerBlock;
            yield return new(table.Behind[i].Name, table.Behind[i].TypeGuid, table.Behind[i].UniqueGuid, first, first + table.Behind[i].FileSystem.LengthBytes / SectorBytes - 1, 0);
        }
    }

    private IEnumerable<BootImage> BootImages(BootFiles boot)
    {
        if (boot.Bios is { } bios)
            yield return new(BootImage.Bios, Options.Bios!.LoadSectors, Contents.BlockOf(bios));
        if (boot.Efi is null)
            yield break;
        // UEFI 2.10 §13.3.2.1: 0 is "to the end of the volume", for what 16 bits cannot say.
        var sectors = EfiBytes / SectorBytes;
        yield return new(BootImage.Uefi, sectors <= ushort.MaxValue ? (int)sectors : 0, Contents.BlockOf(boot.Efi));
    }
}
