using System.Globalization;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Manifests.Reading;
using Pipeline.Engine.Manifests.Yaml;

namespace Pipeline.Engine.Manifests.Carried;

/// <summary>What a partition of <c>disk.yaml</c> holds. Volumes inside a partition are refused by name.</summary>
internal sealed class DiskYamlPayload(DiagnosticBag bag, DiskYamlKeys keys)
{
    private static readonly Dictionary<string, (string Name, string Instead)> Refused = new(StringComparer.Ordinal)
    {
        ["lvm"] = ("LVM", "a partition for each volume"),
        ["luks"] = ("LUKS", "a plain file system"),
        ["btrfs"] = ("btrfs", "ext4, a partition for each mount point"),
    };

    public PartitionFacts Read(YamlMap partition, string place, PartitionFacts facts)
    {
        var kind = partition.Text("payload_type") ?? "";
        var payload = partition.Map("payload");
        if (Refused.TryGetValue(kind, out var refused))
        {
            bag.Add(CarriedRules.CannotWrite, partition.SpanOf("payload_type"), $"{place}.payload_type", refused.Name, refused.Instead);
            return facts;
        }
        switch (kind)
        {
            case "" or "none" or "no-payload" when payload is null:
                return facts;
            case "filesystem" when payload is not null:
                return ReadFileSystem(payload, place + ".payload", facts);
            case "swap":
                return facts with { FileSystem = FileSystemKind.Swap, Label = payload.Text("label"), FileSystemId = payload is null ? null : keys.Guid(payload, "uuid") };
            case "raw" when payload is not null:
                keys.Only(payload, "source_path");
                return facts with { RawContent = ReadPath(payload, "source_path", place + ".payload") };
            default:
                bag.Add(CarriedRules.WrongValue, partition.SpanOf("payload_type"), $"{place}.payload_type", $"'{Message.Quote(kind)}'", "'filesystem', 'swap' or 'raw' with its payload");
                return facts;
        }
    }

    private PartitionFacts ReadFileSystem(YamlMap tree, string place, PartitionFacts facts)
    {
        keys.Only(tree, "type", "mountpoint", "label", "uuid", "fstab_options", "fstab_freq", "fstab_passno", "mkfs_options");
        facts = facts with { MountPoint = tree.Find("mountpoint") is null ? null : ReadPath(tree, "mountpoint", place), Label = tree.Text("label") };
        switch (tree.Text("type"))
        {
            case "ext4":
                if (tree.Map("mkfs_options").Boolean("verity") == true)
                    bag.Add(CarriedRules.NotUsed, tree.SpanOf("mkfs_options"), $"{place}.mkfs_options.verity", "files get no fs-verity digests");
                return facts with { FileSystem = FileSystemKind.Ext4, FileSystemId = keys.Guid(tree, "uuid") };
            case "vfat":
                var geometry = tree.Map("mkfs_options").Map("geometry");
                return facts with
                {
                    FileSystem = FileSystemKind.Fat,
                    FileSystemId = keys.Hex32(tree, "uuid"),
                    Heads = keys.Number(geometry, "heads", 255),
                    SectorsPerTrack = keys.Number(geometry, "sectors_per_track", 63),
                };
            case "swap":
                return facts with { FileSystem = FileSystemKind.Swap, FileSystemId = keys.Guid(tree, "uuid") };
            case "xfs" or "btrfs":
                bag.Add(CarriedRules.CannotWrite, tree.SpanOf("type"), $"{place}.type", tree.Text("type"), "ext4");
                return facts with { FileSystem = FileSystemKind.Ext4 };
            case var other:
                bag.Add(CarriedRules.WrongValue, tree.SpanOf("type"), $"{place}.type", $"'{Message.Quote(other ?? "")}'", "'ext4', 'vfat' or 'swap'");
                return facts with { FileSystem = FileSystemKind.Ext4 };
        }
    }

    private string? ReadPath(YamlMap tree, string key, string place) =>
        CarriedPath.Read(tree.Text(key) ?? "", $"{place}.{key}", new LabelMistakes(tree.SpanOf(key), bag));
}

/// <summary>Keys of <c>disk.yaml</c> by the shapes that its program takes.</summary>
internal sealed class DiskYamlKeys(DiagnosticBag bag)
{
    public void Only(YamlMap map, params ReadOnlySpan<string> known)
    {
        foreach (var entry in map.Entries)
        {
            if (!known.Contains(entry.Key))
                bag.Add(CarriedRules.UnknownKey, entry.KeySpan, $"'{Message.Quote(entry.Key)}'", string.Join(", ", known.ToArray()));
        }
    }

    /// <summary>Bytes: a plain number, or one with a unit.</summary>
    public long? Size(YamlMap tree, string key)
    {
        if (tree.Scalar(key) is not { } scalar)
            return null;
        var isPlain = long.TryParse(scalar.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes);
        if (isPlain ? bytes <= TableLabel.MostBytes : SizeText.Parse(scalar.Text.Trim(), 512) is { } parsed && (bytes = parsed) >= 0)
            return bytes;
        return Wrong(tree, key, "a number of bytes, or a size such as '512 MiB'", 0);
    }

    public int? Number(YamlMap? tree, string key, int most)
    {
        if (tree.Integer(key) is not { } number)
            return null;
        return number >= 1 && number <= most ? (int)number : (int)Wrong(tree!, key, $"1 to {most}", 1);
    }

    public string? Guid(YamlMap tree, string key)
    {
        if (tree.Text(key) is not { } text)
            return null;
        if (System.Guid.TryParseExact(text, "D", out var guid) && guid != System.Guid.Empty)
            return guid.ToString("D");
        Wrong(tree, key, "a UUID of 8-4-4-4-12 hex digits, not all zero", 0);
        return null;
    }

    /// <summary>Eight hex digits: <c>0x14fc63d2</c>, <c>7B77-95E7</c>.</summary>
    public string? Hex32(YamlMap tree, string key)
    {
        if (tree.Text(key) is not { } text)
            return null;
        var digits = (text.StartsWith("0x", StringComparison.Ordinal) ? text[2..] : text).Replace("-", "", StringComparison.Ordinal);
        if (digits.Length == 8 && uint.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number))
            return number.ToString("x8", CultureInfo.InvariantCulture);
        Wrong(tree, key, "eight hex digits", 0);
        return null;
    }

    public long Wrong(YamlMap tree, string key, string expected, long instead)
    {
        bag.Add(CarriedRules.WrongValue, tree.SpanOf(key), key, tree.Find(key)!.Value.Description, expected);
        return instead;
    }
}
