using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Pipeline.Core.Files;
using Shouldly;

namespace Pipeline.Kit;

/// <summary>
/// Compares an ext4 image with the tree it was made of, entry by entry, through debugfs: kinds, modes, owners, link counts,
/// sizes, times with nanoseconds, targets, device numbers, names of attributes, contents. Names must be UTF-8 without quotes.
/// </summary>
public static partial class E2fsTree
{
    public static void ShouldHold(string image, FileTree tree)
    {
        using var dir = new TempDir();
        var nodes = tree.Walk().ToList();
        var commands = new StringBuilder();
        for (var i = 0; i < nodes.Count; i++)
        {
            commands.Append($"stat \"{nodes[i].Path}\"\n");
            if (nodes[i].Node is RegularFile)
                commands.Append($"dump \"{nodes[i].Path}\" {dir[$"{i}"]}\n");
            if (nodes[i].Node is DirectoryNode)
                commands.Append($"ls -p \"{nodes[i].Path}\"\n");
        }
        File.WriteAllText(dir["commands"], commands.ToString());
        var output = Tool.Require("debugfs", "-f", dir["commands"], image);
        var answers = Stats(output);
        answers.Count.ShouldBe(nodes.Count, output);
        var links = nodes.GroupBy(n => n.Node, ReferenceEqualityComparer.Instance).ToDictionary(g => g.Key!, g => g.Count(), ReferenceEqualityComparer.Instance);
        for (var i = 0; i < nodes.Count; i++)
        {
            Describe(answers[i]).ShouldBe(Describe(nodes[i].Node, links[nodes[i].Node]), nodes[i].Path);
            if (nodes[i].Node is RegularFile file)
                ShouldHaveContent(dir[$"{i}"], file.Content);
        }
        var listed = EntryLine().Count(output);
        listed.ShouldBe(nodes.Count - tree.Root.Count + 2 * nodes.Count(n => n.Node is DirectoryNode), "names listed below the root");
    }

    private static List<string> Stats(string output) => [.. StatStart().Split(output).Skip(1)];

    private static string Describe(FileNode node, int links)
    {
        var (type, size, detail) = node switch
        {
            RegularFile file => ("regular", file.Content.LengthBytes, ""),
            SymbolicLink link => ("symlink", link.Target.Length, link.Target.Length < 60 ? Encoding.UTF8.GetString(link.Target) : ""),
            DirectoryNode => ("directory", -1, ""),
            SpecialFile special => (special.Kind switch
            {
                SpecialKind.CharacterDevice => "character special",
                SpecialKind.BlockDevice => "block special",
                SpecialKind.Fifo => "FIFO",
                _ => "socket",
            }, 0, special.Kind is SpecialKind.Fifo or SpecialKind.Socket ? "" : $"{special.Major}:{special.Minor}"),
            _ => throw new ArgumentException(node.ToString()),
        };
        var count = node is DirectoryNode directory ? 2 + directory.Children.Count(c => c.Value is DirectoryNode) : links;
        var names = string.Join(',', node.Xattrs.Select(x => x.Name).Order(StringComparer.Ordinal));
        return $"{type} {Convert.ToString(node.Permissions, 8).PadLeft(5, '0')} {node.Uid}:{node.Gid} {count} {size} {node.Mtime.Seconds}.{node.Mtime.Nanoseconds} {detail} {names}";
    }

    private static string Describe(string stat)
    {
        string Take(string pattern) => Regex.Match(stat, pattern, RegexOptions.Multiline) is { Success: true } match ? match.Groups[1].Value : "";
        var type = Take(@"^.*?Type: (.*?) +Mode:");
        var size = type == "directory" ? "-1" : Take(@"Size: (\d+)");
        if (type is "character special" or "block special" or "FIFO" or "socket")
            size = "0";
        var time = Regex.Match(stat, @"mtime: 0x([0-9a-f]{8}):([0-9a-f]{8})");
        var extra = uint.Parse(time.Groups[2].Value, NumberStyles.HexNumber);
        var seconds = (int)uint.Parse(time.Groups[1].Value, NumberStyles.HexNumber) + ((long)(extra & 3) << 32);
        var detail = Take(@"Fast link dest: ""(.*)""") + Take(@"Device major/minor number: (\d+:\d+)").TrimStart('0');
        if (detail.Contains(':') && type.EndsWith("special"))
            detail = string.Join(':', detail.Split(':').Select(n => n.TrimStart('0') is "" ? "0" : n.TrimStart('0')));
        var names = string.Join(',', Regex.Matches(stat, @"^  ([a-z_.A-Z0-9]+) \(\d+\)", RegexOptions.Multiline).Select(m => m.Groups[1].Value).Order(StringComparer.Ordinal));
        return $"{type} {Take("Mode: +([0-7]+)").PadLeft(5, '0')} {Number(Take(@"User: +(-?\d+)"))}:{Number(Take(@"Group: +(-?\d+)"))} {Take(@"Links: (\d+)")} {size} {seconds}.{extra >> 2} {detail} {names}";
    }

    /// <summary>debugfs shows owners from 2³¹ on as negative numbers.</summary>
    private static uint Number(string text) => unchecked((uint)long.Parse(text, CultureInfo.InvariantCulture));

    private static void ShouldHaveContent(string dumped, FileContent content)
    {
        using var file = File.OpenRead(dumped);
        file.Length.ShouldBe(content.LengthBytes);
        var expected = new byte[1 << 20];
        var actual = new byte[1 << 20];
        for (var offset = 0L; offset < content.LengthBytes; offset += expected.Length)
        {
            var count = content.Read(offset, expected);
            file.ReadExactly(actual.AsSpan(0, count));
            actual.AsSpan(0, count).SequenceEqual(expected.AsSpan(0, count)).ShouldBeTrue($"the content differs behind byte {offset}");
        }
    }

    [GeneratedRegex(@"^debugfs: stat .*\n", RegexOptions.Multiline)]
    private static partial Regex StatStart();

    [GeneratedRegex(@"^/\d+/\d+/\d+/\d+/.*/\d*/\r?$", RegexOptions.Multiline)]
    private static partial Regex EntryLine();
}
