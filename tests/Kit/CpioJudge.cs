using System.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Disk.Cpio;
using Shouldly;

namespace Pipeline.Kit;

/// <summary>Unpacks archives with two programs that share no code, and compares all that cpio keeps with what went in.</summary>
public static class CpioJudge
{
    public static CpioArchive Place(FileTree tree)
    {
        var placed = CpioArchive.Place(tree, null);
        placed.IsOk.ShouldBeTrue(string.Join('\n', placed.Diagnostics));
        return placed.Value!;
    }

    public static void Write(string path, FileTree tree)
    {
        using var file = File.Create(path);
        var archive = Place(tree);
        archive.WriteTo(file, CancellationToken.None);
        file.Length.ShouldBe(archive.LengthBytes);
    }

    /// <summary>Both judges; owners and devices come back only for root, as everywhere in these tests.</summary>
    public static void ShouldHold(string path, FileTree tree)
    {
        // Cpio leaves the folder alone in which it stands, and bsdtar knows no sockets.
        var sockets = Expect(tree).Where(l => l.Split(' ')[1] is { Length: 6 } mode && mode.StartsWith("14", StringComparison.Ordinal)).Select(NameOf).ToHashSet();
        ShouldGive(tree, line => NameOf(line) != "2F", "cpio", "-idmu", "--quiet", "--no-absolute-filenames", "-F", path);
        ShouldGive(tree, line => !sockets.Contains(NameOf(line)), "bsdtar", "-xpf", path);
        var lines = Tool.Require("cpio", "-itv", "--quiet", "-F", path).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Length.ShouldBe(tree.Walk().Count() + 1);
    }

    /// <summary>What a program takes out, without a complaint, is what went in.</summary>
    private static void ShouldGive(FileTree tree, Predicate<string> isKept, string program, params string[] arguments)
    {
        var (expected, given) = (Expect(tree).FindAll(isKept), Extracted(program, arguments).FindAll(isKept));
        expected.Except(given).ShouldBeEmpty($"{program} does not give these");
        given.Except(expected).ShouldBeEmpty($"{program} gives these too");
    }

    private static string NameOf(string line) => line[..line.IndexOf(' ')];

    private static List<string> Extracted(string program, string[] arguments)
    {
        using var dir = new TempDir();
        Directory.CreateDirectory(dir["x"]);
        try
        {
            var run = Tool.Run(new ProcessStartInfo(program, arguments) { WorkingDirectory = dir["x"] });
            run.ExitCode.ShouldBe(0, $"{program}\n{run.Output}");
            run.Stderr.ShouldBeEmpty();
            return Comparable(SquashfsJudge.List(dir["x"]).Split('\n'));
        }
        finally
        {
            Tool.Require("rm", "-rf", dir["x"]);
        }
    }

    private static List<string> Expect(FileTree tree)
    {
        var plain = tree.Clone();
        foreach (var (_, node) in plain.Walk())
            node.Xattrs = [];
        return Comparable(SquashfsJudge.Expect(plain));
    }

    // Fields: name, mode, owner, group, links, size, time, detail, attributes. Cpio sets no times of directories and links.
    private static List<string> Comparable(IEnumerable<string> lines) =>
    [
        .. lines.Select(line =>
        {
            var fields = line.Split(' ');
            if (fields[1].StartsWith('4') || fields[1].StartsWith("12", StringComparison.Ordinal))
                fields[6] = "-";
            if (fields[1].StartsWith("12", StringComparison.Ordinal))
                fields[4] = "1";
            return string.Join(' ', fields);
        }),
    ];
}
