using System.Text;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Manifests.Yaml;

namespace Pipeline.Engine.Manifests.Checks;

/// <summary>Labels fit their file systems, and the particulars of FAT stay on FAT.</summary>
internal static class FileSystemCheck
{
    private const int FatLabelCharacters = 11;
    private const int Ext4LabelBytes = 16;

    /// <summary>The field has 16 bytes, the last of which ends the text.</summary>
    private const int SwapLabelBytes = 15;

    private const string NotInFatLabels = "\"*+,./:;<=>?[\\]|";
    private static readonly string[] FatKeys = ["bits", "heads", "sectorsPerTrack"];

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
        var (count, most, unit) = kind switch
        {
            FileSystemKind.Fat => (label.Text.Length, FatLabelCharacters, "characters"),
            FileSystemKind.Swap => (Encoding.UTF8.GetByteCount(label.Text), SwapLabelBytes, "bytes"),
            _ => (Encoding.UTF8.GetByteCount(label.Text), Ext4LabelBytes, "bytes"),
        };
        if (kind == FileSystemKind.None)
            bag.Add(ManifestRules.KeyNotHere, label.Span, "label", "without a file system");
        else if (count > most)
            bag.Add(ManifestRules.LabelTooLong, label.Span, Message.Quote(label.Text), count, unit, Name(kind), most);
        else if (FindBad(label.Text, kind) is { } bad)
            bag.Add(ManifestRules.LabelCharacters, label.Span, Message.Quote(label.Text), Name(kind), bad);
    }

    private static string? FindBad(string label, FileSystemKind kind)
    {
        foreach (var c in label)
        {
            if (char.IsControl(c))
                return $"U+{(int)c:X4}";
            if (kind == FileSystemKind.Fat && (c > '~' || NotInFatLabels.Contains(c)))
                return $"'{c}'";
        }
        return kind == FileSystemKind.Fat && (label.StartsWith(' ') || label.EndsWith(' ')) ? "a space at its edge" : null;
    }

    private static string Name(FileSystemKind kind) => kind switch
    {
        FileSystemKind.Fat => "FAT",
        FileSystemKind.Ext4 => "ext4",
        FileSystemKind.Swap => "swap",
        _ => "a partition without a file system",
    };
}
