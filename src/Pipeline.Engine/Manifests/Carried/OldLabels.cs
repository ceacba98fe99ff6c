using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Models;

namespace Pipeline.Engine.Manifests.Carried;

/// <summary>
/// The labels that came before <see cref="TableLabel"/> and are still on published images: one a fact,
/// <c>com.github.mripard.ocibootstrap.partition.NAME.size_mb</c>. The names of the partitions are a JSON list in a label of its own.
/// </summary>
internal sealed class OldLabels(IReadOnlyDictionary<string, string> labels, LabelMistakes mistakes)
{
    private const string Prefix = "com.github.mripard.ocibootstrap.";
    private const string Type = Prefix + "table.type";
    private const int MostCharacters = 16 << 10;

    /// <summary>The names stood here before they stood below <c>table.</c>.</summary>
    private static readonly string[] Lists = [Prefix + "table.partitions", Prefix + "partitions"];

    public static bool AreIn(IReadOnlyDictionary<string, string> labels) => labels.ContainsKey(Type) || Lists.Any(labels.ContainsKey);

    /// <returns>Null where the mistakes have the reason.</returns>
    public CarriedTable? Read()
    {
        var type = labels.GetValueOrDefault(Type);
        if (type is null)
            mistakes.Add(CarriedRules.Missing, $"the label {Type}", "'gpt' or 'mbr'");
        else if (type is not ("gpt" or "mbr"))
            mistakes.Add(CarriedRules.WrongValue, Type, $"'{Message.Quote(type)}'", "'gpt' or 'mbr'");
        var names = Names();
        if (names.IsEmpty || type is not ("gpt" or "mbr"))
            return null;
        var kind = type == "gpt" ? TableKind.Gpt : TableKind.Mbr;
        return new(kind, [.. names.Select(n => new CarriedPartition(ReadPartition(n, kind), $"{Prefix}partition.{Message.Quote(n)}"))]);
    }

    private ImmutableArray<string> Names()
    {
        var label = Array.Find(Lists, labels.ContainsKey);
        if (label is null)
        {
            mistakes.Add(CarriedRules.Missing, $"the label {Lists[0]}", "a JSON list of names");
            return [];
        }
        try
        {
            using var json = JsonDocument.Parse(labels[label].Length <= MostCharacters ? labels[label] : "", new() { MaxDepth = 4 });
            ImmutableArray<string> names = [.. json.RootElement.EnumerateArray().Take(TableLabel.MostPartitions + 1).Select(n => n.GetString() ?? "")];
            if (names.Length is > 0 and <= TableLabel.MostPartitions && names.Distinct(StringComparer.Ordinal).Count() == names.Length)
                return names;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Said below.
        }
        mistakes.Add(CarriedRules.WrongValue, label, $"'{Message.Quote(labels[label])}'", $"a JSON list of 1 to {TableLabel.MostPartitions} different names");
        return [];
    }

    private Partition ReadPartition(string name, TableKind kind)
    {
        var size = Number(name, "size_mb", 1, TableLabel.MostBytes >> 20);
        var facts = new PartitionFacts(kind, kind == TableKind.Gpt ? name : "", kind == TableKind.Gpt ? GptType(name) : MbrType(name))
        {
            OffsetBytes = Number(name, "offset_lba", 1, TableLabel.MostBytes / 512) * 512,
            SizeBytes = size << 20,
            MountPoint = PathOf(name, "mount_point"),
            IsBootable = Flag(name, "flags.bootable"),
            IsRequired = kind == TableKind.Gpt && Flag(name, "flags.required"),
        };
        return ReadFileSystem(name, facts).ToPartition(mistakes.Span);
    }

    private PartitionFacts ReadFileSystem(string name, PartitionFacts facts)
    {
        const string expected = "'fat', 'ext4' or 'raw'";
        switch (Required(name, "fs", expected))
        {
            case "ext4":
                return facts with { FileSystem = FileSystemKind.Ext4, FileSystemId = Find(name, "ext4.uuid") is null ? null : Guid(name, "ext4.uuid") };
            case "fat":
                var (heads, sectors) = ((int?)Number(name, "fat.heads", 1, 255), (int?)Number(name, "fat.sectors_per_track", 1, 63));
                return facts with
                {
                    FileSystem = FileSystemKind.Fat,
                    FileSystemId = VolumeId(name),
                    Heads = sectors is null ? null : heads,
                    SectorsPerTrack = heads is null ? null : sectors,
                };
            case "raw":
                Required(name, "raw.content", "the path of a file in the container");
                return facts with { RawContent = PathOf(name, "raw.content") };
            case "":
                return facts;
            case var other:
                mistakes.Add(CarriedRules.WrongValue, KeyOf(name, "fs"), $"'{Message.Quote(other)}'", expected);
                return facts;
        }
    }

    private string GptType(string name)
    {
        Required(name, "partition_uuid", "the type of the partition, a UUID");
        return Guid(name, "partition_uuid") ?? "";
    }

    private string MbrType(string name)
    {
        const string expected = "1 to 255, decimal or with 0x, 0o or 0b";
        var text = Required(name, "type", expected);
        if (text.Length == 0)
            return "";
        if (Parse(text) is >= 1 and <= 255 and var type)
            return type.ToString("x2", CultureInfo.InvariantCulture);
        mistakes.Add(CarriedRules.WrongValue, KeyOf(name, "type"), $"'{Message.Quote(text)}'", expected);
        return "";
    }

    private string? VolumeId(string name)
    {
        if (Find(name, "fat.vol_id") is not { } text)
            return null;
        if (uint.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var id))
            return id.ToString("x8", CultureInfo.InvariantCulture);
        mistakes.Add(CarriedRules.WrongValue, KeyOf(name, "fat.vol_id"), $"'{Message.Quote(text)}'", "up to eight hex digits");
        return null;
    }

    private string? Guid(string name, string key)
    {
        if (Find(name, key) is not { } text)
            return null;
        if (System.Guid.TryParseExact(text, "D", out var guid) && guid != System.Guid.Empty)
            return guid.ToString("D");
        mistakes.Add(CarriedRules.WrongValue, KeyOf(name, key), $"'{Message.Quote(text)}'", "a UUID of 8-4-4-4-12 hex digits, not all zero");
        return null;
    }

    private long? Number(string name, string key, long least, long most)
    {
        if (Find(name, key) is not { } text)
            return null;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
            return number;
        mistakes.Add(CarriedRules.WrongValue, KeyOf(name, key), $"'{Message.Quote(text)}'", $"{least} to {most}");
        return null;
    }

    private bool Flag(string name, string key)
    {
        var text = Find(name, key);
        if (text is not (null or "true" or "false"))
            mistakes.Add(CarriedRules.WrongValue, KeyOf(name, key), $"'{Message.Quote(text)}'", "true or false");
        return text == "true";
    }

    private string? PathOf(string name, string key) => Find(name, key) is { } text ? CarriedPath.Read(text, KeyOf(name, key), mistakes) : null;

    private string Required(string name, string key, string expected)
    {
        if (Find(name, key) is { Length: > 0 } text)
            return text;
        mistakes.Add(CarriedRules.Missing, $"the label {KeyOf(name, key)}", expected);
        return "";
    }

    private string? Find(string name, string key) => labels.GetValueOrDefault($"{Prefix}partition.{name}.{key}");

    private static string KeyOf(string name, string key) => $"{Prefix}partition.{Message.Quote(name)}.{key}";

    private static int? Parse(string text)
    {
        var (digits, numberBase) = text.Length < 2 ? (text, 10) : text[..2] switch { "0x" => (text[2..], 16), "0o" => (text[2..], 8), "0b" => (text[2..], 2), _ => (text, 10) };
        var value = 0;
        foreach (var c in digits)
        {
            var digit = char.IsAsciiHexDigit(c) ? Convert.ToInt32(c.ToString(), 16) : numberBase;
            if (digit >= numberBase || (value = (value * numberBase) + digit) > byte.MaxValue)
                return null;
        }
        return digits.Length == 0 ? null : value;
    }
}
