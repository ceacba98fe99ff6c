using Pipeline.Core.Diagnostics;
using Pipeline.Core.Units;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Manifests.Reading;
using Pipeline.Engine.Manifests.Yaml;

namespace Pipeline.Engine.Manifests.Checks;

/// <summary>The partitions are those that the way of booting needs.</summary>
internal static class BootCheck
{
    /// <summary>A core image has about 150 KB and may have 450; the usual size leaves no doubt.</summary>
    private static readonly ByteSize BiosBootBytes = ByteSize.MiB(1);

    public static void Run(BoardManifest board, IReadOnlyList<LocatedPartition> partitions, YamlMap tree, DiagnosticBag bag)
    {
        if (tree.Map("boot") is not { } boot)
            return;
        var words = BoardReader.MethodWords(boot).ToList();
        foreach (var word in words)
            CheckMethod(new(board, partitions, boot, bag), word);
        CheckTogether(words, bag);
        if (board.Boot.Root == RootReference.Discoverable && RootProblem(board) is { } problem)
            bag.Add(ManifestRules.RootNotDiscoverable, boot.SpanOf("root"), problem);
        if (!board.Boot.FirmwareFiles.IsEmpty && !board.Partitions.Any(p => PartitionTypes.IsBootFat(p, board.Table.Kind) && p.FileSystem.Kind == FileSystemKind.Fat))
            bag.Add(ManifestRules.FirmwareNeedsFat, boot.KeySpanOf("firmware"));
        CheckIdleKeys(words, boot, bag);
        CheckEfiNames(board, boot, bag);
    }

    private sealed record Place(BoardManifest Board, IReadOnlyList<LocatedPartition> Partitions, YamlMap Boot, DiagnosticBag Bag);

    private static void CheckMethod(Place place, YamlScalar word)
    {
        switch (Words.Method(word.Text))
        {
            case BootMethod.UefiFiles or BootMethod.GrubEfi or BootMethod.SystemdBoot or BootMethod.Uki when !place.Board.Partitions.Any(p => IsUsableEsp(p, place.Board)):
                place.Bag.Add(ManifestRules.NeedsEsp, word.Span, word.Text);
                break;
            case BootMethod.Extlinux:
                CheckSeenByUBoot(place, word, "extlinux.conf");
                break;
            case BootMethod.BootScr:
                CheckSeenByUBoot(place, word, "boot.scr");
                if (place.Board.Platform.Architecture is not ("arm" or "arm64" or "riscv64"))
                    place.Bag.Add(ManifestRules.BootScriptNeeds, word.Span);
                break;
            case BootMethod.Raspberrypi when PiNeed(place.Board) is var (need, remedy):
                place.Bag.Add(ManifestRules.RaspberryPiNeeds, word.Span, need, remedy);
                break;
            case BootMethod.GrubBios when GrubBiosNeed(place.Board) is var (need, remedy):
                place.Bag.Add(ManifestRules.GrubBiosNeeds, word.Span, need, remedy);
                break;
        }
    }

    /// <summary>Firmware looks for one name by its own architecture (UEFI 2.10 §3.5.1.1), so another is never run.</summary>
    private static void CheckEfiNames(BoardManifest board, YamlMap boot, DiagnosticBag bag)
    {
        foreach (var (file, tree) in board.Boot.FirmwareFiles.Zip(boot.Maps("firmware")))
        {
            var target = file.TargetPath.EndsWith('/') ? file.TargetPath + Path.GetFileName(file.ContainerPath) : file.TargetPath;
            if (!target.StartsWith("/EFI/BOOT/", StringComparison.OrdinalIgnoreCase))
                continue;
            var name = Path.GetFileName(target).ToUpperInvariant();
            var wanted = EfiNames.FirstOrDefault(n => n.Architecture == board.Platform.Architecture).Name;
            if (wanted is not null && name != wanted && EfiNames.Any(n => n.Name == name) && (wanted, name) is not ("BOOTX64.EFI", "BOOTIA32.EFI"))
                bag.Add(ManifestRules.EfiName, tree.SpanOf("to"), board.Platform.Architecture, name, wanted);
        }
    }

    private static readonly (string Architecture, string Name)[] EfiNames =
    [
        ("386", "BOOTIA32.EFI"), ("amd64", "BOOTX64.EFI"), ("arm", "BOOTARM.EFI"), ("arm64", "BOOTAA64.EFI"),
        ("riscv64", "BOOTRISCV64.EFI"), ("loong64", "BOOTLOONGARCH64.EFI"),
    ];

    // An ESP with another file system has a diagnostic of its own.
    private static bool IsUsableEsp(Partition partition, BoardManifest board) =>
        PartitionTypes.IsBootFat(partition, board.Table.Kind) && partition.MountPoint is not null;

    /// <summary>Methods that write the same loader for UEFI exclude each other, and <c>none</c> all others.</summary>
    private static void CheckTogether(List<YamlScalar> words, DiagnosticBag bag)
    {
        if (words.Count > 1 && words.Find(w => Words.Method(w.Text) == BootMethod.None) is { } none)
            bag.Add(ManifestRules.MethodsClash, none.Span, none.Text, words.Find(w => w != none)!.Text, "none writes nothing at all");
        var loaders = words.Where(w => Words.Method(w.Text) is BootMethod.UefiFiles or BootMethod.GrubEfi or BootMethod.SystemdBoot or BootMethod.Uki).ToList();
        if (loaders.Count > 1)
            bag.Add(ManifestRules.MethodsClash, loaders[1].Span, loaders[0].Text, loaders[1].Text, "UEFI firmware starts one loader only");
    }

    private static (string Need, string Remedy)? PiNeed(BoardManifest board)
    {
        if (board.Platform.Architecture is not ("arm" or "arm64"))
            return ("a platform linux/arm64, linux/arm/v7 or linux/arm/v6", "take the one that the model and its system have");
        return board.Partitions.Any(p => IsUsableEsp(p, board) && p.FileSystem.Kind == FileSystemKind.Fat)
            ? null
            : ("a mounted FAT partition", "add one with `type: 0x0c` (mbr) or `type: esp` (gpt), `filesystem: fat` and `mount: /boot/firmware`");
    }

    private static (string Need, string Remedy)? GrubBiosNeed(BoardManifest board)
    {
        if (board.Platform.Architecture is not ("amd64" or "386"))
            return ("a PC", "take another method, or platform linux/amd64 or linux/386");
        if (board.SectorBytes != GrubBiosSectorBytes)
            return ("sectors of 512 bytes", "a BIOS reads no others; remove sectorSize");
        var hasPlace = board.Table.Kind == TableKind.Mbr || board.Partitions.Any(p =>
            p.TypeId == PartitionTypes.GptBiosBoot && p.FileSystem.Kind == FileSystemKind.None && (p.SizeRule != SizeRule.Fixed || p.Size >= BiosBootBytes));
        return hasPlace ? null : ("a partition of its own in a GPT", "add one with `type: bios-boot`, `size: 1MiB` and no filesystem");
    }

    private const int GrubBiosSectorBytes = 512;

    private static void CheckIdleKeys(List<YamlScalar> words, YamlMap boot, DiagnosticBag bag)
    {
        if (words.Count == 0 || words.Exists(w => w.Text is not ("none" or "uefi-files")))
            return;
        foreach (var key in new[] { "kernelArguments", "deviceTree", "root" }.Where(k => boot.Find(k) is not null))
            bag.Add(ManifestRules.KeyNotHere, boot.KeySpanOf(key), key, $"with the boot method {words[0].Text}, which writes no configuration");
    }

    /// <summary>
    /// U-Boot's standard boot looks into partitions marked bootable (active or 0xef in an MBR, legacy-boot or ESP in a GPT)
    /// when there are any, otherwise into the first only.
    /// </summary>
    private static void CheckSeenByUBoot(Place place, YamlScalar word, string file)
    {
        var (board, partitions) = (place.Board, place.Partitions);
        var holder = partitions.FirstOrDefault(p => p.Partition.MountPoint == "/boot") ?? partitions.FirstOrDefault(p => p.Partition.MountPoint == "/");
        if (holder is null || IsMarked(holder.Partition, board))
            return;
        var flag = board.Table.Kind == TableKind.Gpt ? "legacy-boot" : "active";
        if (partitions.FirstOrDefault(p => IsMarked(p.Partition, board)) is { } marked)
            place.Bag.Add(ManifestRules.ExtlinuxUnseen, word.Span, holder.Partition.Name, $"it looks only into partitions marked bootable, such as '{marked.Partition.Name}'; add the flag {flag}", file);
        else if (holder != partitions[0])
            place.Bag.Add(ManifestRules.ExtlinuxUnseen, word.Span, holder.Partition.Name, $"without a mark it looks only into the first partition; add the flag {flag}", file);
    }

    private static bool IsMarked(Partition partition, BoardManifest board) => board.Table.Kind == TableKind.Mbr
        ? partition.Flags.Active || partition.TypeId == "ef"
        : (partition.Flags.GptAttributes & (1UL << 2)) != 0 || PartitionTypes.IsEsp(partition, TableKind.Gpt);

    private static string? RootProblem(BoardManifest board)
    {
        if (board.Table.Kind == TableKind.Mbr)
            return "a GPT";
        var root = board.Partitions.FirstOrDefault(p => p.MountPoint == "/");
        return root is null || PartitionTypes.IsRoot(root, board.Platform.Architecture) ? null : "`type: root` on the root partition";
    }
}
