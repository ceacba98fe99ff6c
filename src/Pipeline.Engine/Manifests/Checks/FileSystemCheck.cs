using System.Text;
using Pipeline.Core.Compression;
using Pipeline.Core.Diagnostics;
using Pipeline.Disk.Fat;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Manifests.Reading;
using Pipeline.Engine.Manifests.Yaml;

namespace Pipeline.Engine.Manifests.Checks;

/// <summary>Labels fit their file systems, and the particulars of FAT and squashfs stay on them.</summary>
internal static class FileSystemCheck
{
    /// <summary>Of ext4 and erofs.</summary>
    private const int LinuxLabelBytes = 16;

    /// <summary>The field has 16 bytes, the last of which ends the text.</summary>
    private const int SwapLabelBytes = 15;

    private static readonly string[] FatKeys = ["bits", "heads", "sectorsPerTrack", "reservedSectors", "first"];
    private static readonly string[] SquashfsWords = ["zstd", "gzip", "xz"];
    private static readonly string[] ErofsWords = ["lz4", "none"];
    private static readonly string[] PackingKeys = ["compression", "level", "block"];

    public static void Run(IReadOnlyList<LocatedPartition> partitions, DiagnosticBag bag)
    {
        foreach (var (partition, tree) in partitions)
        {
            if (tree.Map("filesystem") is not { } fileSystem)
                continue;
            var kind = partition.FileSystem.Kind;
            foreach (var key in ForeignKeys(kind).Where(k => fileSystem.Find(k) is not null))
                bag.Add(ManifestRules.KeyNotHere, fileSystem.KeySpanOf(key), key, $"on {Name(kind)}");
            if (kind == FileSystemKind.Fat && (fileSystem.Find("heads") is null) != (fileSystem.Find("sectorsPerTrack") is null))
                CheckGeometry(fileSystem, bag);
            if (kind == FileSystemKind.Fat && fileSystem.Find("reservedSectors") is not null)
                FatOptionCheck.Check(new FatOptions { VolumeId = 0, FatBits = partition.FileSystem.FatBits, ReservedSectors = partition.FileSystem.ReservedSectors }, fileSystem.SpanOf("reservedSectors"), bag);
            if (partition.FileSystem.IsReadOnly)
                CheckPacking(fileSystem, kind == FileSystemKind.Erofs, bag);
            if (kind == FileSystemKind.Squashfs)
                CheckLevel(partition.FileSystem.Packing, fileSystem, bag);
            else if (fileSystem.Scalar("label") is { } label)
                CheckLabel(label, kind, bag);
        }
    }

    /// <summary>A squashfs has neither a label nor an identifier.</summary>
    private static IEnumerable<string> ForeignKeys(FileSystemKind kind) => kind switch
    {
        FileSystemKind.Fat => PackingKeys,
        FileSystemKind.Squashfs => [.. FatKeys, "label", "id"],
        FileSystemKind.Erofs => [.. FatKeys, "level", "block"],
        _ => [.. FatKeys, .. PackingKeys],
    };

    /// <summary>Each packed file system has words of its own for how.</summary>
    public static void CheckPacking(YamlMap fileSystem, bool isErofs, DiagnosticBag bag)
    {
        var expected = isErofs ? ErofsWords : SquashfsWords;
        if (fileSystem.Scalar("compression") is { } word && !expected.Contains(word.Text))
            bag.Add(ManifestRules.PackingWord, word.Span, isErofs ? "erofs" : "squashfs", Message.Quote(word.Text), string.Join(isErofs ? " or " : ", ", expected));
    }

    internal static void CheckLevel(PackingManifest packing, YamlMap fileSystem, DiagnosticBag bag)
    {
        var (least, most, _) = BlockCompressor.Levels(packing.Compression);
        if (packing.Level is { } level && (level < least || level > most))
            bag.Add(ManifestRules.PackingLevel, fileSystem.SpanOf("level"), Words.Of(packing.Compression), level, least, most);
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
            CheckBytes(label, kind, kind == FileSystemKind.Swap ? SwapLabelBytes : LinuxLabelBytes, bag);
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
        FileSystemKind.Squashfs => "squashfs",
        FileSystemKind.Erofs => "erofs",
        _ => "a partition without a file system",
    };
}
