using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;
using Pipeline.Core.Blocks;
using Pipeline.Core.Files;
using Pipeline.Disk.Fat;
using Shouldly;

namespace Pipeline.Kit;

/// <summary>
/// Judges a FAT image: <c>fsck.fat</c> by its lines (any line but the greeting and the summary is a complaint), the two
/// boot sectors of FAT32 by comparing them (fsck.fat says nothing), and the tree by copying it out with mtools.
/// </summary>
public static class FatJudge
{
    private const long FirstSecond = 315_532_800;     // 1980-01-01
    private const long LeapMistake = 4_107_542_400;   // 2100-03-01

    /// <summary>Places, pours and seals; fails the test on any diagnostic.</summary>
    public static FatLayout Write(FileTree tree, FatOptions options, string path)
    {
        var placed = FatLayout.Place(tree, options, null);
        placed.IsOk.ShouldBeTrue(string.Join('\n', placed.Diagnostics));
        var writer = new FatWriter(placed.Value!);
        FileSink.Create(path, writer.LengthBytes, sink =>
        {
            writer.Pour(sink, 2, CancellationToken.None);
            writer.Seal(sink, CancellationToken.None);
        });
        return placed.Value!;
    }

    /// <summary>What is wrong with an image; empty for a healthy one.</summary>
    public static IReadOnlyList<string> Complaints(string path)
    {
        var fsck = Tool.Run("fsck.fat", "-n", path);
        var lines = fsck.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var complaints = lines.Where(l => !l.StartsWith("fsck.fat ", StringComparison.Ordinal) && !IsSummary(l, path)).ToList();
        if (fsck.ExitCode != 0)
            complaints.Add($"fsck.fat ended with {fsck.ExitCode}");
        if (!lines.Any(l => IsSummary(l, path)))
            complaints.Add("fsck.fat gave no summary");
        complaints.AddRange(BackupComplaints(path));
        return complaints;
    }

    /// <summary>The tree as mtools reads it: path to content, null for a directory; with the time of last change.</summary>
    public static SortedDictionary<string, (byte[]? Content, DateTime Mtime)> CopyOut(string path)
    {
        using var temp = new TempDir();
        var start = new ProcessStartInfo("mcopy", ["-s", "-n", "-m", "-i", path, "::/", temp["root"]]);
        start.Environment["TZ"] = "UTC";
        Directory.CreateDirectory(temp["root"]);
        var result = Tool.Run(start);
        (result.ExitCode, result.Output).ShouldBe((0, ""));
        var found = new SortedDictionary<string, (byte[]?, DateTime)>(StringComparer.Ordinal);
        foreach (var entry in new DirectoryInfo(temp["root"]).EnumerateFileSystemInfos("*", SearchOption.AllDirectories))
        {
            var name = entry.FullName[temp["root"].Length..];
            found.Add(name, (entry is FileInfo ? File.ReadAllBytes(entry.FullName) : null, entry.LastWriteTimeUtc));
        }
        return found;
    }

    /// <summary>
    /// Names, kinds, contents and times (to two seconds, files only) equal what went in. mtools takes 2100 for a leap year,
    /// so times from its March on are not compared; and it knows no characters beyond the first 65536.
    /// </summary>
    public static void ShouldHold(string path, FileTree tree)
    {
        var found = CopyOut(path);
        var wanted = tree.Walk().ToDictionary(e => e.Path, e => e.Node, StringComparer.Ordinal);
        found.Keys.ShouldBe(wanted.Keys.Order(StringComparer.Ordinal));
        foreach (var (name, node) in wanted)
        {
            (found[name].Content is null).ShouldBe(node is DirectoryNode, name);
            if (node is not RegularFile file)
                continue;
            found[name].Content!.AsSpan().SequenceEqual(file.Content.ReadAll(1 << 28)).ShouldBeTrue($"the content of {name}");
            var mtime = Math.Max(file.Mtime.Seconds, FirstSecond);
            if (mtime < LeapMistake)
                new DateTimeOffset(found[name].Mtime).ToUnixTimeSeconds().ShouldBe(mtime & ~1, name);
        }
    }

    private static bool IsSummary(string line, string path) =>
        line.StartsWith(path + ": ", StringComparison.Ordinal) && line.Contains(" files, ", StringComparison.Ordinal) && line.EndsWith(" clusters", StringComparison.Ordinal);

    private static IEnumerable<string> BackupComplaints(string path)
    {
        using var file = File.OpenRead(path);
        var first = new byte[512];
        file.ReadExactly(first);
        if (Encoding.ASCII.GetString(first, 82, 5) != "FAT32")
            yield break;
        var sectorBytes = BinaryPrimitives.ReadUInt16LittleEndian(first.AsSpan(11));
        if (sectorBytes is not (512 or 1024 or 2048 or 4096))
            yield break;
        foreach (var sector in new[] { 0, 1 })
        {
            var (original, backup) = (new byte[sectorBytes], new byte[sectorBytes]);
            file.Position = sector * sectorBytes;
            file.ReadExactly(original);
            file.Position = (sector + 6) * sectorBytes;
            file.ReadExactly(backup);
            if (!original.AsSpan().SequenceEqual(backup))
                yield return $"sector {sector} and its backup differ";
        }
    }
}
