using Pipeline.Core.Diagnostics;
using Pipeline.Core.Units;
using Pipeline.Engine.Manifests.Models;

namespace Pipeline.Engine.Manifests.Carried;

/// <summary>What a board says and the label has no words for.</summary>
internal static class LabelGaps
{
    private const string ContainerMust = "the container must bring what boots";

    public static void Report(BoardManifest board, DiagnosticBag bag)
    {
        foreach (var (span, what, advice) in Table(board).Concat(Boot(board)).Concat(board.Partitions.SelectMany(p => PartitionGaps(p, board))))
            bag.Add(CarriedRules.CannotSay, span, what, board.Name, advice);
    }

    private static IEnumerable<(SourceSpan? Span, string What, string Advice)> Table(BoardManifest board)
    {
        var table = board.Table;
        if (table.Id is not null)
            yield return (table.Span, $"the identifier {table.Id}", "it is derived");
        if (table.Kind == TableKind.Gpt && (table.EntryCount != 128 || table.EntriesLba != 2 || table.FirstUsableLba is not null))
            yield return (table.Span, "number and place of the GPT's entries", "there are 128 at sector 2; use the board where a boot ROM needs others");
        if (table.Alignment != ByteSize.MiB(1))
            yield return (table.Span, $"the alignment of {table.Alignment}", "places are written out, and what has no size is rounded to 1 MiB");
        if (!table.Hybrid.IsEmpty)
            yield return (table.Span, "what the MBR beside the GPT shows", "use the board where a boot ROM reads an MBR");
        if (board.PowerOfTwoSize || board.DiskSize is not null)
            yield return (board.Span, "the size of the disk", "it is as large as its content");
    }

    private static IEnumerable<(SourceSpan? Span, string What, string Advice)> Boot(BoardManifest board)
    {
        var boot = board.Boot;
        if (boot.Method is not (BootMethod.None or BootMethod.UefiFiles or BootMethod.Automatic))
            yield return (boot.Span, "the boot method", ContainerMust);
        if (!boot.KernelArguments.IsEmpty)
            yield return (boot.Span, $"the kernel arguments '{string.Join(' ', boot.KernelArguments)}'", ContainerMust);
        if (boot.DeviceTree is not null)
            yield return (boot.Span, $"the device tree {boot.DeviceTree}", ContainerMust);
        if (!boot.FirmwareFiles.IsEmpty)
            yield return (boot.Span, "the firmware files", "the container must have them below the FAT's mount point");
    }

    private static IEnumerable<(SourceSpan? Span, string What, string Advice)> PartitionGaps(Partition partition, BoardManifest board)
    {
        var (name, fileSystem) = ($"of partition '{partition.Name}'", partition.FileSystem);
        if (partition.Id is not null)
            yield return (partition.Span, $"the identifier {name}", "it is derived");
        if (partition.FreeSpace is not null)
            yield return (partition.Span, $"the free space {name}", "the usual free space is taken");
        if (partition.Maximum is not null)
            yield return (partition.Span, $"the largest size {name}", "it takes what is left");
        if (partition.CopyOf is not null)
            yield return (partition.Span, $"that partition '{partition.Name}' carries the files of '{partition.CopyOf}'", "it stays empty");
        if (partition is { SizeRule: SizeRule.Rest, Size: { } least })
            yield return (partition.Span, $"the least size {name} ({least})", "it is as large as its content");
        if (fileSystem.Label is not null)
            yield return (fileSystem.Span, $"the file system label {name}", "it has none");
        if (fileSystem.ReservedSectors is not null || !fileSystem.FirstFiles.IsDefaultOrEmpty)
            yield return (fileSystem.Span, $"reserved sectors and first files of the FAT {name}", "use the board where a boot ROM asks for them");
        if (fileSystem.FatBits is not null)
            yield return (fileSystem.Span, $"the {fileSystem.FatBits} bits of the FAT {name}", "they are chosen by its size");
        if (fileSystem is { Kind: FileSystemKind.Swap, Id: not null })
            yield return (fileSystem.Span, $"the UUID of the swap {name}", "it is derived");
        if (board.Table.Kind == TableKind.Mbr && (partition.Flags.ReadOnly || (partition.Flags.Grow && partition.SizeRule != SizeRule.Rest)))
            yield return (partition.Span, $"the flags {name}", "an MBR has only the active flag there");
    }
}
