using System.Collections.Immutable;
using System.Globalization;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Units;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Manifests.Reading;
using Pipeline.Engine.Manifests.Yaml;

namespace Pipeline.Engine.Manifests.Carried;

/// <summary>
/// The file <c>disk.yaml</c> of bootc containers. Partitions follow each other in its order; the one at <c>/</c> is at least
/// as large as it says and fills the disk. <c>start</c> is computed there too, and so without meaning.
/// </summary>
internal sealed class DiskYaml(DiagnosticBag bag)
{
    /// <summary>The first one that a container has counts.</summary>
    public static ImmutableArray<string> Paths { get; } = ["/usr/lib/image-builder/bootc/disk.yaml", "/usr/lib/bootc-image-builder/disk.yaml"];

    private const long DefaultGrainBytes = 1 << 20;

    /// <summary>The sectors of MBR, header and entries before the partitions of a GPT.</summary>
    private const int GptSectors = 34;

    /// <returns>Null where the bag has the reason.</returns>
    public CarriedTable? Read(ReadOnlyMemory<byte> bytes, string file)
    {
        if (YamlReader.Read(bytes.ToArray(), file, bag) is not { } root)
            return null;
        var keys = new DiskYamlKeys(bag);
        if ((root as YamlMap)?.Map("partition_table") is not { } tree)
        {
            bag.Add(CarriedRules.Missing, root.Span, "'partition_table'", "a map with 'type' and 'partitions'");
            return null;
        }
        keys.Only((YamlMap)root, "mount_configuration", "partition_table");
        keys.Only(tree, "type", "size", "uuid", "grain_size", "sector_size", "extra_padding", "start_offset", "absolute_start_offset", "policy", "partitions");
        if (tree.Text("type") is not ("gpt" or "dos"))
        {
            bag.Add(CarriedRules.WrongValue, tree.SpanOf("type"), "partition_table.type", $"'{Message.Quote(tree.Text("type") ?? "")}'", "'gpt' or 'dos'");
            return null;
        }
        var table = ReadTable(tree, keys);
        WarnOfUnused(tree);
        return table with { Partitions = ReadPartitions(tree, table, keys) };
    }

    private static CarriedTable ReadTable(YamlMap tree, DiskYamlKeys keys)
    {
        var kind = tree.Text("type") == "gpt" ? TableKind.Gpt : TableKind.Mbr;
        var sector = keys.Size(tree, "sector_size") ?? 512;
        if (sector is not (512 or 4096))
            sector = keys.Wrong(tree, "sector_size", "512 or 4096", 512);
        var grain = keys.Size(tree, "grain_size") ?? DefaultGrainBytes;
        if (grain < sector || grain % sector != 0)
            grain = keys.Wrong(tree, "grain_size", $"a multiple of {sector}", DefaultGrainBytes);
        return new(kind, [])
        {
            SectorBytes = (int)sector,
            Alignment = new(grain),
            Id = kind == TableKind.Gpt ? keys.Guid(tree, "uuid") : keys.Hex32(tree, "uuid"),
            DiskSize = keys.Size(tree, "size") is > 0 and var size ? new ByteSize(RoundUp(size, sector)) : null,
        };
    }

    private void WarnOfUnused(YamlMap tree)
    {
        if (tree.Find("extra_padding") is not null)
            bag.Add(CarriedRules.NotUsed, tree.SpanOf("extra_padding"), "partition_table.extra_padding", "the disk ends where its partitions end");
        if (tree.Map("policy").Boolean("ensure_xbootldr") == true)
            bag.Add(CarriedRules.NotUsed, tree.Map("policy")!.SpanOf("ensure_xbootldr"), "partition_table.policy.ensure_xbootldr", "no partition is added to what is listed");
    }

    private ImmutableArray<CarriedPartition> ReadPartitions(YamlMap tree, CarriedTable table, DiskYamlKeys keys)
    {
        var items = tree.Items("partitions");
        if (items.Length is 0 or > TableLabel.MostPartitions)
            bag.Add(CarriedRules.Missing, tree.SpanOf("partitions"), "partition_table.partitions", $"a list of 1 to {TableLabel.MostPartitions} partitions");
        var partitions = ImmutableArray.CreateBuilder<CarriedPartition>();
        foreach (var (index, item) in items.Take(TableLabel.MostPartitions).Index())
        {
            var place = $"partition_table.partitions[{index}]";
            if (item is not YamlMap map)
                bag.Add(CarriedRules.WrongValue, item.Span, place, item.Description, "a map, one a partition");
            else
                partitions.Add(new(ReadPartition(map, place, table, keys) with { Offset = index == 0 ? FirstOffset(tree, table, keys) : null }, place));
        }
        return partitions.ToImmutable();
    }

    private static ByteSize? FirstOffset(YamlMap tree, CarriedTable table, DiskYamlKeys keys)
    {
        if (keys.Size(tree, "start_offset") is not (> 0 and var offset))
            return null;
        var header = (table.Kind == TableKind.Gpt ? GptSectors : 1) * table.SectorBytes;
        var start = tree.Boolean("absolute_start_offset") == true ? offset : offset + header;
        return new(RoundUp(start, table.Alignment.Bytes));
    }

    private Partition ReadPartition(YamlMap tree, string place, CarriedTable table, DiskYamlKeys keys)
    {
        keys.Only(tree, "start", "size", "type", "bootable", "uuid", "label", "attrs", "payload_type", "payload");
        var payload = new DiskYamlPayload(bag, keys).Read(tree, place, new(table.Kind, tree.Text("label") ?? "", ReadType(tree, table.Kind, place)));
        var size = keys.Size(tree, "size");
        var fills = payload.MountPoint == "/";
        if (size is null or 0 && !fills)
            bag.Add(CarriedRules.Missing, tree.SpanOf("size"), $"{place}.size", "a size such as '512 MiB'");
        var facts = payload with
        {
            SizeBytes = fills ? null : size is > 0 ? RoundUp(size.Value, table.SectorBytes) : table.SectorBytes,
            LeastBytes = fills && size is > 0 ? size : null,
            Attributes = ReadAttributes(tree, place),
            IsBootable = tree.Boolean("bootable") == true,
            Id = table.Kind == TableKind.Gpt ? keys.Guid(tree, "uuid") : null,
        };
        return facts.ToPartition(tree.Span);
    }

    private string ReadType(YamlMap tree, TableKind kind, string place)
    {
        var text = tree.Text("type") ?? "";
        if (kind == TableKind.Gpt && Guid.TryParseExact(text, "D", out var guid) && guid != Guid.Empty)
            return guid.ToString("D");
        var digits = text.StartsWith("0x", StringComparison.Ordinal) ? text[2..] : text;
        if (kind == TableKind.Mbr && digits.Length <= 2 && byte.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number) && number != 0)
            return number.ToString("x2", CultureInfo.InvariantCulture);
        bag.Add(CarriedRules.WrongValue, tree.SpanOf("type"), $"{place}.type", $"'{Message.Quote(text)}'", kind == TableKind.Gpt ? "a type GUID" : "two hex digits");
        return "";
    }

    private ulong ReadAttributes(YamlMap tree, string place)
    {
        var bits = 0UL;
        foreach (var item in tree.Items("attrs"))
        {
            if (item is YamlScalar { Kind: ScalarKind.Integer } scalar && int.TryParse(scalar.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var bit) && bit <= 63)
                bits |= 1UL << bit;
            else
                bag.Add(CarriedRules.WrongValue, item.Span, $"{place}.attrs", item.Description, "the number of a bit, 0 to 63");
        }
        return bits;
    }

    private static long RoundUp(long value, long step) => (value + step - 1) / step * step;
}
