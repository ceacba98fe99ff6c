using System.Text.Json;

namespace Pipeline.Kit;

/// <summary>
/// The tables of published board containers, in the words of their label: facts of the boards, written down here as
/// their templates fill them in. And what a label asks of the finished disk, computed apart from the product.
/// </summary>
public static class CarriedTables
{
    public const string Label = "com.github.mripard.ocibootstrap.table.json";

    private const string Raw = "8da63339-0007-60c0-c436-083ac8230908";
    private const string EspAndRoot = """
        {"name":"esp","uuid":"c12a7328-f81f-11d2-ba4b-00a0c93ec93b","mnt":"/boot/efi","size_bytes":536870912,"bootable":true,"platform-required":true,"fs":{"type":"fat"}},
        {"name":"root","uuid":"b921b045-1df0-41c3-af44-4c6f280d3fae","mnt":"/","attributes":[59],"fs":{"type":"ext4"}}
        """;

    /// <summary>By the name of the board: the label, and the files that it takes from the container.</summary>
    public static IReadOnlyDictionary<string, (string Json, string[] Loaders)> All { get; } = new SortedDictionary<string, (string, string[])>(StringComparer.Ordinal)
    {
        ["systemready-ir"] = (Gpt(), []),
        ["raspberrypi-4b"] = (Gpt(), []),
        ["debix-model-a"] = (Gpt(("loader", "/flash.bin", 64, 2)), ["flash.bin"]),
        ["pinephone-pro"] = (Gpt(("loader1", "/idbloader.img", 64, 4), ("loader2", "/u-boot.itb", 16384, 4)), ["idbloader.img", "u-boot.itb"]),
        ["khadas-vim3"] = (Mbr(
            """{"type":248,"offset_lba":1,"size_bytes":2097152,"fs":{"type":"raw","content":"/u-boot.bin"}},""",
            """{"type":"fat","volume-id":4201226202}""", "8eaab04b-e45e-479a-b1fc-e279146db775", "ea3cd769-1ace-4cbb-bce2-1bb7551b16dc"), ["u-boot.bin"]),
        ["sk-am62"] = (Mbr(
            "", """{"type":"fat","heads":64,"sectors-per-track":32,"volume-id":3420990609}""",
            "51694d0d-69ba-4fbe-b3fb-cb03d4fa0eab", "a69a423d-ad2e-4925-8d77-c4e27980fdb4"), []),
    };

    /// <summary>How a partition table differs from a label; empty where it is the same. Where the label is silent, the next whole MiB is expected.</summary>
    public static IReadOnlyList<string> Differences(string label, ReadTable table)
    {
        var differences = new List<string>();
        var root = JsonDocument.Parse(label).RootElement;
        var isGpt = root.GetProperty("type").GetString() == "gpt";
        void Compare(string what, object expected, object actual)
        {
            if (!expected.Equals(actual))
                differences.Add($"{what}: the label wants {expected}, the disk has {actual}");
        }
        Compare("table", isGpt ? "gpt" : "dos", table.Label);
        var wanted = root.GetProperty("partitions").EnumerateArray().ToList();
        Compare("partitions", wanted.Count, table.Partitions.Count);
        var end = isGpt ? 34L : 1;
        foreach (var ((partition, found), index) in wanted.Zip(table.Partitions).Select((p, i) => (p, i)))
        {
            var start = partition.TryGetProperty("offset_lba", out var offset) ? offset.GetInt64() : (end + 2047) / 2048 * 2048;
            Compare($"start of {index}", start, found.FirstLba);
            if (partition.TryGetProperty("size_bytes", out var size))
                Compare($"sectors of {index}", size.GetInt64() / 512, found.SectorCount);
            Compare($"type of {index}", isGpt ? partition.GetProperty("uuid").GetString()!.ToUpperInvariant() : partition.GetProperty("type").GetInt32().ToString("x", null), found.Type);
            Compare($"name of {index}", isGpt && partition.TryGetProperty("name", out var name) ? name.GetString()! : "", found.Name);
            Compare($"flags of {index}", Flags(partition, isGpt), found.Flags);
            end = found.FirstLba + found.SectorCount;
        }
        return differences;
    }

    private static string Flags(JsonElement partition, bool isGpt)
    {
        bool Has(string key) => partition.TryGetProperty(key, out var value) && value.GetBoolean();
        if (!isGpt)
            return Has("bootable") ? "active" : "";
        var words = new List<string>();
        if (Has("platform-required"))
            words.Add("RequiredPartition");
        if (Has("bootable"))
            words.Add("LegacyBIOSBootable");
        if (partition.TryGetProperty("attributes", out var bits))
            words.Add("GUID:" + string.Join(',', bits.EnumerateArray().Select(b => b.GetInt32())));
        return string.Join(' ', words);
    }

    private static string Gpt(params (string Name, string File, int Sector, int MebiBytes)[] loaders)
    {
        var partitions = string.Concat(loaders.Select(l =>
            "{\"name\":\"" + l.Name + "\",\"uuid\":\"" + Raw + "\",\"offset_lba\":" + l.Sector + ",\"size_bytes\":" + (l.MebiBytes << 20)
            + ",\"platform-required\":true,\"fs\":{\"type\":\"raw\",\"content\":\"" + l.File + "\"}},"));
        return "{\"type\":\"gpt\",\"partitions\":[" + partitions + EspAndRoot + "]}";
    }

    private static string Mbr(string loader, string fat, string boot, string root) =>
        """
        {"type":"mbr","partitions":[LOADER
        {"type":12,"size_bytes":268435456,"mnt":"/boot/efi","bootable":true,"fs":FAT},
        {"type":131,"size_bytes":268435456,"mnt":"/boot","fs":{"type":"ext4","uuid":"BOOT"}},
        {"type":131,"mnt":"/","fs":{"type":"ext4","uuid":"ROOT"}}]}
        """.Replace("LOADER", loader, StringComparison.Ordinal).Replace("FAT", fat, StringComparison.Ordinal)
            .Replace("BOOT", boot, StringComparison.Ordinal).Replace("ROOT", root, StringComparison.Ordinal);
}
