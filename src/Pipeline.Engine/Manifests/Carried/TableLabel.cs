using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Units;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Manifests.Reading;

namespace Pipeline.Engine.Manifests.Carried;

/// <summary>
/// The label <c>com.github.mripard.ocibootstrap.table.json</c>: one JSON object that says the table and its partitions.
/// Its schema allows no other keys. LVM and XFS are in the schema and written by nobody.
/// </summary>
internal static class TableLabel
{
    public const string Name = "com.github.mripard.ocibootstrap.table.json";

    /// <summary>A label of the largest table with the longest paths is below this.</summary>
    private const int MostCharacters = 256 << 10;
    private const int MostDepth = 16;
    public const int MostPartitions = 128;

    /// <summary>An exbibyte: sums of a few such numbers cannot overflow.</summary>
    public const long MostBytes = 1L << 60;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = MostDepth, AllowDuplicateProperties = false };

    /// <param name="what">The label or the file that holds it, for messages.</param>
    /// <returns>Null where the mistakes have the reason.</returns>
    public static CarriedTable? Read(string json, string what, LabelMistakes mistakes)
    {
        if (json.Length > MostCharacters)
        {
            mistakes.Add(CarriedRules.Unreadable, what, $"it has {json.Length} characters, expected at most {MostCharacters}");
            return null;
        }
        try
        {
            using var document = JsonDocument.Parse(json, Strict);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
                return ReadTable(new(document.RootElement, "$", mistakes), mistakes);
            mistakes.Add(CarriedRules.Unreadable, what, "it is not a JSON object");
        }
        catch (JsonException e)
        {
            mistakes.Add(CarriedRules.Unreadable, what, Message.Quote(e.Message.Split(" Path:")[0].Split(" LineNumber:")[0].TrimEnd('.')));
        }
        catch (InvalidOperationException)
        {
            // A text with half a surrogate pair shows itself only when it is taken out.
            mistakes.Add(CarriedRules.Unreadable, what, "it holds a text that is no Unicode");
        }
        return null;
    }

    private static CarriedTable? ReadTable(LabelObject table, LabelMistakes mistakes)
    {
        table.OnlyKeys("type", "partitions");
        var type = table.RequiredText("type", "'gpt' or 'mbr'");
        if (type is not ("gpt" or "mbr"))
        {
            if (type.Length > 0)
                mistakes.Add(CarriedRules.WrongValue, "$.type", $"'{Message.Quote(type)}'", "'gpt' or 'mbr'");
            return null;
        }
        var kind = type == "gpt" ? TableKind.Gpt : TableKind.Mbr;
        var partitions = ImmutableArray.CreateBuilder<CarriedPartition>();
        foreach (var (value, path) in table.Items("partitions", MostPartitions, "a list of partitions"))
        {
            if (value.ValueKind == JsonValueKind.Object)
                partitions.Add(new(ReadPartition(new(value, path, mistakes), kind, mistakes), path));
            else
                mistakes.Add(CarriedRules.WrongValue, path, LabelMistakes.Describe(value), "an object, one a partition");
        }
        if (partitions.Count == 0 && !mistakes.Bag.HasErrors)
            mistakes.Add(CarriedRules.Missing, "$.partitions", "a list of at least one partition");
        return new(kind, partitions.ToImmutable());
    }

    private static Partition ReadPartition(LabelObject tree, TableKind kind, LabelMistakes mistakes)
    {
        if (kind == TableKind.Gpt)
            tree.OnlyKeys("uuid", "fs", "name", "mnt", "offset_lba", "size_bytes", "attributes", "bootable", "platform-required");
        else
            tree.OnlyKeys("type", "fs", "mnt", "offset_lba", "size_bytes", "bootable");
        var type = kind == TableKind.Gpt ? GptType(tree, mistakes) : MbrType(tree, mistakes);
        var name = kind == TableKind.Gpt ? tree.Text("name", "a text") ?? "" : "";
        if (name.Any(char.IsControl))
            mistakes.Add(CarriedRules.WrongValue, tree.PathOf("name"), $"'{Message.Quote(name)}'", "a name without control characters");
        var size = tree.Integer("size_bytes", 512, MostBytes, "512 bytes or more");
        var facts = new PartitionFacts(kind, name, type)
        {
            OffsetBytes = tree.Integer("offset_lba", 1, MostBytes / 512, "a sector of 512 bytes, 1 or more") * 512,
            // A GPT's sizes are cut to whole sectors and an MBR's rounded up, as the label's first reader does.
            SizeBytes = kind == TableKind.Gpt ? size / 512 * 512 : size,
            MountPoint = ReadPath(tree, "mnt", mistakes),
            Attributes = Attributes(tree, mistakes),
            IsBootable = tree.Boolean("bootable"),
            IsRequired = kind == TableKind.Gpt && tree.Boolean("platform-required"),
        };
        return ReadFileSystem(tree, facts, mistakes).ToPartition(mistakes.Span);
    }

    private static string GptType(LabelObject tree, LabelMistakes mistakes)
    {
        if (tree.Guid("uuid") is { } type)
            return type;
        if (tree.Text("uuid", "a UUID") is null)
            mistakes.Add(CarriedRules.Missing, tree.PathOf("uuid"), "the type of the partition, a UUID");
        return "";
    }

    private static string MbrType(LabelObject tree, LabelMistakes mistakes)
    {
        const string expected = "a number from 1 to 255";
        if (tree.Integer("type", 1, 255, expected) is { } type)
            return type.ToString("x2", CultureInfo.InvariantCulture);
        if (!tree.Has("type"))
            mistakes.Add(CarriedRules.Missing, tree.PathOf("type"), expected);
        return "";
    }

    private static ulong Attributes(LabelObject tree, LabelMistakes mistakes)
    {
        var bits = 0UL;
        foreach (var (value, path) in tree.Items("attributes", 64, "a list of bit numbers"))
        {
            if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var bit) && bit is >= 0 and <= 63)
                bits |= 1UL << bit;
            else
                mistakes.Add(CarriedRules.WrongValue, path, LabelMistakes.Describe(value), "the number of a bit, 0 to 63");
        }
        return bits;
    }

    private static PartitionFacts ReadFileSystem(LabelObject partition, PartitionFacts facts, LabelMistakes mistakes)
    {
        const string expected = "a file system, such as {\"type\":\"ext4\"}";
        if (partition.Object("fs", expected) is not { } tree)
        {
            if (!partition.Has("fs"))
                mistakes.Add(CarriedRules.Missing, partition.PathOf("fs"), expected);
            return facts;
        }
        switch (tree.RequiredText("type", "'ext4', 'fat', 'raw' or 'swap'"))
        {
            case "ext4":
                tree.OnlyKeys("type", "uuid");
                return facts with { FileSystem = FileSystemKind.Ext4, FileSystemId = tree.Guid("uuid") };
            case "fat":
                tree.OnlyKeys("type", "volume-id", "heads", "sectors-per-track");
                return ReadFat(tree, facts, mistakes);
            case "swap":
                tree.OnlyKeys("type");
                return facts with { FileSystem = FileSystemKind.Swap };
            case "raw":
                tree.OnlyKeys("type", "content");
                if (!tree.Has("content"))
                    mistakes.Add(CarriedRules.Missing, tree.PathOf("content"), "the path of a file in the container");
                return facts with { RawContent = ReadPath(tree, "content", mistakes) };
            case "lvm":
                mistakes.Add(CarriedRules.CannotWrite, tree.Path, "LVM", "a partition for each volume");
                return facts;
            case "xfs":
                mistakes.Add(CarriedRules.CannotWrite, tree.Path, "XFS", "ext4");
                return facts;
            case "":
                return facts;
            case var other:
                mistakes.Add(CarriedRules.WrongValue, tree.PathOf("type"), $"'{Message.Quote(other)}'", "'ext4', 'fat', 'raw' or 'swap'");
                return facts;
        }
    }

    private static PartitionFacts ReadFat(LabelObject tree, PartitionFacts facts, LabelMistakes mistakes)
    {
        var heads = (int?)tree.Integer("heads", 1, 255, "1 to 255");
        var sectors = (int?)tree.Integer("sectors-per-track", 1, 63, "1 to 63");
        if (tree.Has("heads") != tree.Has("sectors-per-track"))
        {
            mistakes.Add(CarriedRules.NotUsed, tree.PathOf(tree.Has("heads") ? "heads" : "sectors-per-track"), "a geometry needs both heads and sectors-per-track");
            (heads, sectors) = (null, null);
        }
        var volume = tree.Integer("volume-id", 0, uint.MaxValue, "a number of 32 bits");
        return facts with
        {
            FileSystem = FileSystemKind.Fat,
            FileSystemId = volume?.ToString("x8", CultureInfo.InvariantCulture),
            Heads = heads,
            SectorsPerTrack = sectors,
        };
    }

    private static string? ReadPath(LabelObject tree, string key, LabelMistakes mistakes) =>
        tree.Text(key, "an absolute path") is { } text ? CarriedPath.Read(text, tree.PathOf(key), mistakes) : null;
}

/// <summary>Paths of a layout: absolute and plain.</summary>
internal static class CarriedPath
{
    public static string? Read(string text, string place, LabelMistakes mistakes)
    {
        var problem = text.StartsWith('/') ? PathText.Problem(text) : "it does not begin with '/'";
        if (problem is null)
            return text.Length > 1 ? text.TrimEnd('/') : text;
        mistakes.Add(CarriedRules.WrongValue, place, $"'{Message.Quote(text)}'", $"an absolute path ({problem.Split(';')[0]})");
        return null;
    }
}
