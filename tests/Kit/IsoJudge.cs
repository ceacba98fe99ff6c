using Pipeline.Core.Blocks;
using Pipeline.Core.Files;
using Pipeline.Disk.Iso;
using Shouldly;

namespace Pipeline.Kit;

/// <summary>
/// Judges of ISO 9660 who share no code: xorriso (libisofs) takes all out, isoinfo (cdrkit) lists each of the three trees, and
/// the kernel mounts the medium and the partition on it where that is permitted.
/// </summary>
internal static class IsoJudge
{
    public static readonly UnixTime Clock = new(1_700_000_000);

    public static IsoOptions Options { get; } = new() { VolumeId = "TEST_ISO", Clock = Clock };

    public static IsoTable Table { get; } = new()
    {
        DiskGuid = new("00000000-0000-4000-8000-000000000001"),
        IsoGuid = new("00000000-0000-4000-8000-000000000002"),
        EfiGuid = new("00000000-0000-4000-8000-000000000003"),
    };

    public static IsoLayout Write(string path, FileTree tree, IsoOptions? options = null, int parallelism = 2)
    {
        var placed = IsoLayout.Place(tree, options ?? Options, null);
        placed.IsOk.ShouldBeTrue(string.Join('\n', placed.Diagnostics));
        var writer = new IsoWriter(placed.Value!);
        FileSink.Create(path, writer.LengthBytes, sink =>
        {
            writer.Pour(sink, parallelism, CancellationToken.None);
            writer.Seal(sink, CancellationToken.None);
        });
        return placed.Value!;
    }

    /// <summary>All judges of the tree with Rock Ridge.</summary>
    public static void ShouldHold(string image, FileTree tree)
    {
        var expected = SquashfsJudge.Sorted(SquashfsJudge.Expect(tree));
        Extracted(image).ShouldBe(WithoutLinks(expected));
        if (Mounted(image) is { } mounted)
            mounted.ShouldBe(expected);
        Listed(image, "-R").ShouldBe(tree.Walk().Select(n => n.Path).Order(StringComparer.Ordinal));
    }

    /// <summary>What xorriso takes out of the ISO; it must not complain.</summary>
    public static string Extracted(string image)
    {
        using var dir = new TempDir();
        try
        {
            var result = Tool.Run("xorriso", "-abort_on", "WARNING", "-osirrox", "device_files:sort_lba_off:auto_chmod_off", "-indev", image, "-extract", "/", dir["x"]);
            result.ExitCode.ShouldBe(0, result.Output);
            Complaints(result).ShouldBeEmpty();
            return WithoutLinks(SquashfsJudge.List(dir["x"]));
        }
        finally
        {
            Tool.Require("rm", "-rf", dir["x"]);
        }
    }

    /// <summary>What xorriso says, each line of which weighs more than a note.</summary>
    public static IEnumerable<string> Complaints(ToolResult result) =>
        result.Output.Split('\n').Where(l => new[] { "WARNING", "SORRY", "MISHAP", "FAILURE", "FATAL" }.Any(w => l.Contains($": {w} :", StringComparison.Ordinal)));

    /// <summary>The report of xorriso on what firmware sees.</summary>
    public static string Report(string image)
    {
        var result = Tool.Run("xorriso", "-indev", image, "-report_el_torito", "plain", "-report_system_area", "plain");
        result.ExitCode.ShouldBe(0, result.Output);
        return result.Stdout;
    }

    /// <summary>The paths that isoinfo lists; <paramref name="names"/> is -R, -J or nothing.</summary>
    public static IEnumerable<string> Listed(string image, params string[] names) =>
        Tool.Require("isoinfo", [.. names, "-f", "-i", image]).Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal);

    /// <summary>Whether checkisomd5 is content.</summary>
    public static bool PassesMediaCheck(string image)
    {
        var result = Tool.Run("checkisomd5", "--verbose", image);
        (result.Output.Contains("PASS", StringComparison.Ordinal) != result.Output.Contains("FAIL", StringComparison.Ordinal)).ShouldBeTrue(result.Output);
        return result.ExitCode == 0;
    }

    /// <summary>What the kernel shows of the medium, or of the partition at an offset; null where mounting is not permitted.</summary>
    public static string? Mounted(string image, string options = "", Func<string, string>? look = null)
    {
        using var dir = new TempDir();
        Directory.CreateDirectory(dir["m"]);
        var mounted = Tool.Run("mount", "-t", "iso9660", "-o", "loop,ro" + options, image, dir["m"]);
        if (mounted.ExitCode != 0 && LinuxListing.IsRefusal(mounted.Output))
            return null;
        mounted.ExitCode.ShouldBe(0, mounted.Output);
        try
        {
            return (look ?? SquashfsJudge.List)(dir["m"]);
        }
        finally
        {
            Tool.Require("umount", dir["m"]);
        }
    }

    /// <summary>What xorriso takes out has no hard links and no sockets; links have another owner, and they and devices the time of the extraction.</summary>
    private static string WithoutLinks(string listing)
    {
        const int socket = 0xC000, link = 0xA000, file = 0x8000, directory = 0x4000;
        var lines = new List<string>();
        foreach (var fields in listing.Split('\n').Select(l => l.Split(' ')))
        {
            var kind = Convert.ToInt32(fields[1], 8) & 0xF000;
            fields[4] = "";
            if (kind == link)
                fields[2] = fields[3] = "";
            if (kind is not (file or directory))
                fields[6] = "";
            if (kind != socket)
                lines.Add(string.Join(' ', fields));
        }
        return string.Join('\n', lines);
    }
}
