using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Manifests.Reading;
using Pipeline.Engine.Manifests.Yaml;

namespace Pipeline.Engine.Manifests.Checks;

/// <summary>The partitions are those that the way of booting needs.</summary>
internal static class BootCheck
{
    public static void Run(BoardManifest board, IReadOnlyList<LocatedPartition> partitions, YamlMap tree, DiagnosticBag bag)
    {
        if (tree.Map("boot") is not { } boot)
            return;
        if (board.Boot.Method is BootMethod.UefiFiles or BootMethod.GrubEfi or BootMethod.SystemdBoot && !board.Partitions.Any(p => IsUsableEsp(p, board)))
            bag.Add(ManifestRules.NeedsEsp, boot.SpanOf("method"), boot.Text("method"));
        if (board.Boot.Method == BootMethod.Extlinux)
            CheckExtlinux(board, partitions, boot, bag);
        if (board.Boot.Root == RootReference.Discoverable && RootProblem(board) is { } problem)
            bag.Add(ManifestRules.RootNotDiscoverable, boot.SpanOf("root"), problem);
        if (!board.Boot.FirmwareFiles.IsEmpty && !board.Partitions.Any(p => PartitionTypes.IsBootFat(p, board.Table.Kind) && p.FileSystem.Kind == FileSystemKind.Fat))
            bag.Add(ManifestRules.FirmwareNeedsFat, boot.KeySpanOf("firmware"));
        CheckIdleKeys(board, boot, bag);
        CheckEfiNames(board, boot, bag);
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

    private static void CheckIdleKeys(BoardManifest board, YamlMap boot, DiagnosticBag bag)
    {
        if (boot.Text("method") is not ("none" or "uefi-files"))
            return;
        foreach (var key in new[] { "kernelArguments", "deviceTree", "root" }.Where(k => boot.Find(k) is not null))
            bag.Add(ManifestRules.KeyNotHere, boot.KeySpanOf(key), key, $"with the boot method {boot.Text("method")}, which writes no configuration");
    }

    /// <summary>
    /// U-Boot's standard boot looks into partitions marked bootable (active or 0xef in an MBR, legacy-boot or ESP in a GPT)
    /// when there are any, otherwise into the first only.
    /// </summary>
    private static void CheckExtlinux(BoardManifest board, IReadOnlyList<LocatedPartition> partitions, YamlMap boot, DiagnosticBag bag)
    {
        var place = partitions.FirstOrDefault(p => p.Partition.MountPoint == "/boot") ?? partitions.FirstOrDefault(p => p.Partition.MountPoint == "/");
        if (place is null || IsMarked(place.Partition, board))
            return;
        var flag = board.Table.Kind == TableKind.Gpt ? "legacy-boot" : "active";
        if (partitions.FirstOrDefault(p => IsMarked(p.Partition, board)) is { } marked)
            bag.Add(ManifestRules.ExtlinuxUnseen, boot.SpanOf("method"), place.Partition.Name, $"it looks only into partitions marked bootable, such as '{marked.Partition.Name}'; add the flag {flag}");
        else if (place != partitions[0])
            bag.Add(ManifestRules.ExtlinuxUnseen, boot.SpanOf("method"), place.Partition.Name, $"without a mark it looks only into the first partition; add the flag {flag}");
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
