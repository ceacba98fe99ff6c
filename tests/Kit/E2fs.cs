using System.Text.RegularExpressions;
using Pipeline.Core.Blocks;
using Pipeline.Core.Files;
using Pipeline.Disk.Ext4;
using Shouldly;

namespace Pipeline.Kit;

/// <summary>e2fsprogs as judges of ext4 images, and the making of images for them.</summary>
public static partial class E2fs
{
    public static readonly Ext4Options Options = new()
    {
        Uuid = Guid.Parse("01234567-89ab-4def-8123-456789abcdef"),
        HashSeed = Guid.Parse("11111111-2222-3333-4444-555555555555"),
        Label = "root",
        Clock = new(1_700_000_000),
        FreeBytes = 4 << 20,
    };

    /// <summary>Places, pours and seals; the layout must be without any diagnostic.</summary>
    public static Ext4Layout Write(string path, FileTree tree, Ext4Options? options = null, int parallelism = 2)
    {
        var placed = Ext4Layout.Place(tree, options ?? Options, null);
        placed.Diagnostics.ShouldBeEmpty();
        Write(path, placed.Value!, parallelism);
        return placed.Value!;
    }

    public static void Write(string path, Ext4Layout layout, int parallelism = 2)
    {
        using var sink = FileSink.Open(path, layout.LengthBytes);
        var writer = new Ext4Writer(layout);
        writer.Pour(sink, parallelism, CancellationToken.None);
        writer.Seal(sink, CancellationToken.None);
    }

    /// <summary>What e2fsck complains about; empty for a clean file system.</summary>
    public static string Complaints(string image)
    {
        var result = Tool.Run("e2fsck", "-fn", image);
        var lines = result.Output.Split('\n').Where(l => l.Length > 0 && !Expected().IsMatch(l)).ToList();
        if (result.ExitCode != 0)
            lines.Add($"exit code {result.ExitCode}");
        return string.Join('\n', lines);
    }

    public static void ShouldBeClean(string image) => Complaints(image).ShouldBe("");

    /// <summary>What one debugfs command says, without its banner.</summary>
    public static string Debugfs(string image, string command) => Tool.Require("debugfs", "-R", command, image);

    [GeneratedRegex(@"^(e2fsck 1\.|Pass [1-5]: |.*: \d+/\d+ files \([\d.]+% non-contiguous\), \d+/\d+ blocks$)")]
    private static partial Regex Expected();
}
