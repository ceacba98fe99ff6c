using System.Text;
using Pipeline.Core.Diagnostics;
using Pipeline.Disk.Fat;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Manifests.Yaml;

namespace Pipeline.Engine.Manifests.Checks;

/// <summary>Labels fit their file systems, and the particulars of FAT stay on FAT.</summary>
internal static class FileSystemCheck
{
    private const int Ext4LabelBytes = 16;

    /// <summary>The field has 16 bytes, the last of which ends the text.</summary>
    private const int SwapLabelBytes = 15;

    private static readonly string[] FatKeys = ["bits", "heads", "sectorsPerTrack", "reservedSectors", "first"];

    public static void Run(IReadOnlyList<LocatedPartition> partitions, DiagnosticBag bag)
    {
        foreach (var (partition, tree) in partitions)
        {
            if (tree.Map("filesystem") is not { } fileSystem)
                continue;
            var kind = partition.FileSystem.Kind;
            foreach (var key in FatKeys.Where(k => kind != FileSystemKind.Fat && fileSystem.Find(k) is not null))
                bag.Add(ManifestRules.KeyNotHere, fileSystem.KeySpanOf(key), key, $"on {Name(kind)}");
            if (kind == FileSystemKind.Fat && (fileSystem.Find("heads") is null) != (fileSystem.Find("sectorsPerTrack") is null))
                CheckGeometry(fileSystem, bag);
            if (kind == FileSystemKind.Fat && fileSystem.Find("reservedSectors") is not null)
                FatOptionCheck.Check(new FatOptions { VolumeId = 0, FatBits = partition.FileSystem.FatBits, ReservedSectors = partition.FileSystem.ReservedSectors }, fileSystem.SpanOf("reservedSectors"), bag);
            if (fileSystem.Scalar("label") is { } label)
                CheckLabel(label, kind, bag);
        }
    }

    private static void CheckGeometry(YamlMap fileSystem, DiagnosticBag bag)
    {
        var (given, missing) = fileSystem.Find("heads") is null ? ("sectorsPerTrack", "heads") : ("heads", "sectorsPerTrack");
        bag.Add(ManifestRules.GeometryAlone, fileSystem.KeySpanOf(given), missing);
    }

    private static void CheckLabel(YamlScalar label, FileSystemKind kind, DiagnosticBag bag)
    {
        if (kind == FileSystemKind.Fat)
            bag.AddRange(FatLabel.Check(label.Text, label.Span));
        else if (kind == FileSystemKind.None)
            bag.Add(ManifestRules.KeyNotHere, label.Span, "label", "without a file system");
        else
            CheckBytes(label, kind, kind == FileSystemKind.Swap ? SwapLabelBytes : Ext4LabelBytes, bag);
    }

    private static void CheckBytes(YamlScalar label, FileSystemKind kind, int most, DiagnosticBag bag)
    {
        var count = Encoding.UTF8.GetByteCount(label.Text);
        if (count > most)
            bag.Add(ManifestRules.LabelTooLong, label.Span, Message.Quote(label.Text), count, Name(kind), most);
        else if (label.Text.Any(char.IsControl))
            bag.Add(ManifestRules.LabelCharacters, label.Span, Message.Quote(label.Text));
    }

    private static string Name(FileSystemKind kind) => kind switch
    {
        FileSystemKind.Fat => "FAT",
        FileSystemKind.Ext4 => "ext4",
        FileSystemKind.Swap => "swap",
        _ => "a partition without a file system",
    };
}
