using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Pipeline.Kit;

/// <summary>One partition as a real tool reads it; in sectors. What a kind of table lacks is empty.</summary>
public sealed record ReadPartition(long FirstLba, long SectorCount, string Type, string Name, string Id, string Flags);

/// <param name="Label">"gpt" or "dos".</param>
public sealed record ReadTable(string Label, string Id, IReadOnlyList<ReadPartition> Partitions);

/// <summary>
/// Judges a partition table with sgdisk, sfdisk and fdisk. They end with 0 and "no problems" on a broken primary header,
/// because they read the backup: only their lines tell. Debian 12's sgdisk and sfdisk read an image as 512-byte
/// sectors whatever it is, so fdisk alone judges 4096.
/// </summary>
public static class PartitionTableJudge
{
    private static readonly string[] Words =
        ["caution", "warning", "corrupt", "problem:", "error", "invalid", "mismatch", "does not", "overlap", "failed", "damaged", "outside", "bigger"];

    /// <summary>What is wrong with a table; empty for a healthy one.</summary>
    /// <param name="expected">Starts of lines that are no complaint here, such as sgdisk's remark that entries were moved.</param>
    public static IReadOnlyList<string> Complaints(string path, int sectorBytes = 512, params string[] expected)
    {
        var complaints = new List<string>(Lines(Fdisk(path, sectorBytes, "--bytes", "-x", "-l"), expected));
        complaints.AddRange(Lines(Fdisk(path, sectorBytes, "v\nq\n"), [.. expected, "Be careful before using"]));
        if (sectorBytes != 512)
            return complaints;
        complaints.AddRange(Lines(Tool.Run("sfdisk", "--verify", path), expected));
        if (Read(path).Label == "gpt")
            complaints.AddRange(Lines(Tool.Run("sgdisk", "--verify", path), expected));
        return complaints;
    }

    public static ReadTable Read(string path, int sectorBytes = 512) => sectorBytes == 512 ? ReadSfdisk(path) : ReadFdisk(path, sectorBytes);

    private static ReadTable ReadSfdisk(string path)
    {
        var table = JsonDocument.Parse(Tool.Require("sfdisk", "--json", path)).RootElement.GetProperty("partitiontable");
        var partitions = table.TryGetProperty("partitions", out var list) ? list.EnumerateArray().Select(ReadSfdisk).ToList() : [];
        return new(table.GetProperty("label").GetString()!, table.GetProperty("id").GetString()!, partitions);
    }

    private static ReadPartition ReadSfdisk(JsonElement partition)
    {
        string Text(string key) => partition.TryGetProperty(key, out var value) ? value.ToString() : "";
        return new(partition.GetProperty("start").GetInt64(), partition.GetProperty("size").GetInt64(), Text("type"), Text("name"),
            Text("uuid"), Text("attrs") + (Text("bootable") == "True" ? "active" : ""));
    }

    private static ReadTable ReadFdisk(string path, int sectorBytes)
    {
        var isGpt = Fdisk(path, sectorBytes, "-l").Stdout.Contains("Disklabel type: gpt", StringComparison.Ordinal);
        var columns = isGpt ? "Start,Sectors,Type-UUID,UUID,Attrs,Name" : "Start,Sectors,Id,Boot";
        var lines = Fdisk(path, sectorBytes, "-l", "-o", columns).Stdout.Split('\n');
        var id = lines.First(l => l.StartsWith("Disk identifier: ", StringComparison.Ordinal))[17..];
        var head = Array.FindIndex(lines, l => l.TrimStart().StartsWith("Start ", StringComparison.Ordinal));
        var partitions = lines[(head + 1)..].Where(l => l.Length > 0).Select(l => ReadFdisk(l, lines[head], isGpt)).ToList();
        return new(isGpt ? "gpt" : "dos", id, partitions);
    }

    private static ReadPartition ReadFdisk(string line, string head, bool isGpt)
    {
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var (first, count) = (long.Parse(words[0], CultureInfo.InvariantCulture), long.Parse(words[1], CultureInfo.InvariantCulture));
        if (!isGpt)
            return new(first, count, words[2], "", "", words.Length > 3 ? "active" : "");
        var (attributes, name) = (head.IndexOf("Attrs", StringComparison.Ordinal), head.IndexOf("Name", StringComparison.Ordinal));
        return new(first, count, words[2], line[name..].Trim(), words[3], line[attributes..name].Trim());
    }

    private static ToolResult Fdisk(string path, int sectorBytes, params string[] arguments) =>
        arguments is ["v\nq\n"]
            ? Tool.Run(new ProcessStartInfo("fdisk", ["-b", $"{sectorBytes}", path]), "v\nq\n")
            : Tool.Run("fdisk", ["-b", $"{sectorBytes}", .. arguments, path]);

    private static IEnumerable<string> Lines(ToolResult result, string[] expected)
    {
        if (result.ExitCode != 0)
            yield return $"exit code {result.ExitCode}";
        foreach (var line in result.Output.Split('\n'))
        {
            if (Words.Any(w => line.Contains(w, StringComparison.OrdinalIgnoreCase)) && !line.Contains("No errors", StringComparison.Ordinal)
                && !expected.Any(e => line.StartsWith(e, StringComparison.Ordinal)))
                yield return line;
        }
    }
}
