using System.Text;
using Pipeline.Core.Blocks;
using Pipeline.Core.Files;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Disk.Iso;

public sealed class IsoWriterTests : IDisposable
{
    private readonly TempDir _dir = new();

    private string Image => _dir["i.iso"];

    public void Dispose() => _dir.Dispose();

    [Fact]
    public void An_empty_tree_is_a_file_system() => Hold(new FileTree());

    [Fact]
    public void Every_kind_of_file_comes_back() => Hold(Holdable(Ext4Trees.Torture()));

    /// <summary>Four seeds, or as many as <c>PIPELINE_PROPERTY_RUNS</c> says.</summary>
    public static TheoryData<int> Seeds =>
        [.. Enumerable.Range(1, int.Parse(Environment.GetEnvironmentVariable("PIPELINE_PROPERTY_RUNS") ?? "4"))];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Random_trees_come_back(int seed) => Hold(Holdable(Ext4Trees.Random(seed)));

    /// <summary>The two dots, then components of every length around what an entry and a continuation area hold.</summary>
    [Fact]
    public void Links_of_every_form_come_back()
    {
        var tree = new FileTree();
        string[] targets =
        [
            "/", ".", "..", "/a", "a/b/../c", "./x", "../../usr/lib", "//double", "a//b", "trailing/", "/.", "/..", "a/.",
            string.Join('/', Enumerable.Repeat("component", 400)), string.Concat(Enumerable.Repeat("../", 1300)) + "x",
            .. Enumerable.Range(225, 40).Select(n => new string('l', n)), .. Enumerable.Range(240, 12).Select(n => new string('m', n) + "/next/" + new string('n', n)),
        ];
        for (var i = 0; i < targets.Length; i++)
            tree.Set($"/{i:d3}", Ext4Trees.Link(targets[i]));
        for (var length = 200; length <= 255; length++)
            tree.Set("/" + new string('f', length), Ext4Trees.Link(new string('t', length)));
        // libisofs drops slashes that stand twice or last, which say nothing, and refuses very many components; the kernel keeps all.
        IsoJudge.Write(Image, tree);
        if (IsoJudge.Mounted(Image) is { } mounted)
            mounted.ShouldBe(SquashfsJudge.Sorted(SquashfsJudge.Expect(tree)));
        foreach (var path in tree.Walk().Where(n => n.Node is SymbolicLink l && (IsSlashy(l) || l.Target.Length > 1000)).Select(n => n.Path).ToList())
            tree.Remove(path);
        Hold(tree);
    }

    [Fact]
    public void Devices_of_every_number_come_back()
    {
        var tree = new FileTree();
        foreach (var (major, minor) in new[] { (0u, 0u), (0u, 5u), (1u, 3u), (259u, 70_000u), (4095u, 1_048_575u), (4095u, 255u), (8u, 256u) })
            tree.Set($"/{major}:{minor}", Ext4Trees.Special(SpecialKind.CharacterDevice, major, minor));
        IsoJudge.Write(Image, tree);
        Tool.Require("isoinfo", "-R", "-l", "-i", Image).ShouldContain("4095:255");
        if (IsoJudge.Mounted(Image) is { } mounted)
            mounted.ShouldBe(SquashfsJudge.Sorted(SquashfsJudge.Expect(tree)));
    }

    [Fact]
    public void Directories_of_thousands_of_names_that_look_alike_come_back()
    {
        var tree = new FileTree();
        for (var i = 0; i < 4000; i++)
            tree.Set($"/alike/a very long name that is told apart only behind the sixty-fourth character {i}.txt", Ext4Trees.File([(byte)i]));
        for (var i = 0; i < 1000; i++)
            tree.Set($"/folders/{i:d4}-{new string('d', 100)}/f", Ext4Trees.File([(byte)i]));
        Hold(tree);
        foreach (var names in new[] { Array.Empty<string>(), ["-J"] })
        {
            var listed = IsoJudge.Listed(Image, names).ToList();
            listed.Count.ShouldBe(tree.Walk().Count());
            listed.Distinct().Count().ShouldBe(listed.Count);
        }
    }

    [Fact]
    public void Readers_without_rock_ridge_see_capitals_and_windows_sees_names_of_64()
    {
        var tree = new FileTree();
        foreach (var name in new[]
        {
            "readme.txt", "README.TXT", "kernel-6.1.0-amd64.tar.gz", "no extension", ".hidden", "ends.", "Ünïcödé.漢", "🙂", "a:b*c?", "x.averylongextension",
            new string('n', 70) + ".squashfs", new string('n', 71) + ".squashfs",
        })
            tree.Set("/" + name, Ext4Trees.File([1]));
        tree.Set("/" + "link", Ext4Trees.Link("readme.txt"));
        tree.Set("/folder.with.dots/" + "file", Ext4Trees.File([2]));
        tree.Root.Set(FileName.Of([0xFF, 0xFE, (byte)'x']), Ext4Trees.File([3]));
        Hold(tree);
        Golden.Match("names.txt", string.Join('\n', IsoJudge.Listed(Image).Prepend("# ISO 9660").Concat(IsoJudge.Listed(Image, "-J").Prepend("# Joliet"))) + "\n");
        if (IsoJudge.Mounted(Image, ",norock,utf8", List) is { } joliet)
            joliet.ShouldContain(new string('n', 55) + ".squashfs");
        if (IsoJudge.Mounted(Image, ",norock,nojoliet,map=off", List) is { } plain)
            plain.ShouldContain("KERNEL_6_1_0_AMD64_TAR.GZ");

        static string List(string folder) => string.Join('\n', Directory.GetFiles(folder).Select(Path.GetFileName));
    }

    /// <summary>One file in two pieces, and one whose first piece is exactly as long as a piece may be.</summary>
    [Fact]
    public void Files_beyond_4_GiB_come_back()
    {
        const long section = (4L << 30) - 2048;
        var tree = new FileTree();
        (long Offset, int Length)[] runs = [(0, 5), (section - 3, 6), (section + 4096, 7), (9_000_000_000, 8)];
        tree.Set("/huge", Ext4Trees.SparseFile(9_000_000_008, runs));
        tree.Set("/whole", Ext4Trees.SparseFile(section, [(section - 4, 4)]));
        tree.Set("/more", Ext4Trees.SparseFile(section + 1, [(section, 1)]));
        tree.Set("/zz", Ext4Trees.File([9]));
        IsoJudge.Write(Image, tree, IsoJudge.Options with { Table = IsoJudge.Table });
        Tool.Require("du", "-k", Image).Split('\t')[0].Length.ShouldBeLessThan(6, "holes must stay holes");
        foreach (var (path, node) in tree.Walk())
        {
            var content = ((RegularFile)node).Content;
            foreach (var extent in content.Extents)
                Taken(path, extent.FileOffset, (int)extent.LengthBytes).ShouldBe(Read(content, extent.FileOffset, (int)extent.LengthBytes));
        }
        if (IsoJudge.Mounted(Image) is { } mounted)
            mounted.ShouldBe(SquashfsJudge.Sorted(SquashfsJudge.Expect(tree)));
        Tool.Require("isoinfo", "-R", "-l", "-i", Image).ShouldContain("4294965248");
        var pieces = Tool.Require("xorriso", "-indev", Image, "-find", "/huge", "-exec", "report_sections").Split('\n').Where(l => l.StartsWith("File data lba:", StringComparison.Ordinal)).Select(l => l.Split(',')).ToList();
        pieces.Select(p => p[2].Trim()).ShouldBe(["2097151", "2097151", "200230"], "three pieces, in blocks");
    }

    [Fact]
    public void The_partition_shows_the_same_tree_but_for_the_image_behind_it()
    {
        var tree = Holdable(Ext4Trees.Random(7));
        tree.Set("/images/efi.img", Ext4Trees.File(new byte[4096]));
        IsoJudge.Write(Image, tree, IsoJudge.Options with { EfiImagePath = "/images/efi.img", Table = IsoJudge.Table });
        IsoJudge.ShouldHold(Image, tree);
        var partition = PartitionTableJudge.Read(Image).Partitions[0];
        var part = _dir["p1"];
        Tool.Require("dd", $"if={Image}", $"of={part}", "bs=512", $"skip={partition.FirstLba}", $"count={partition.SectorCount}", "status=none");
        tree.Remove("/images/efi.img");
        IsoJudge.ShouldHold(part, tree);
        Tool.Require("blkid", "-p", "-o", "value", "-s", "LABEL", part).Trim().ShouldBe("TEST_ISO");
        IsoJudge.Listed(part, "-J").Count().ShouldBe(IsoJudge.Listed(Image, "-J").Count() - 1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_same_tree_gives_the_same_bytes_whatever_the_threads_and_the_order(bool hasMediaCheck)
    {
        var options = IsoJudge.Options with { HasMediaCheck = hasMediaCheck, Table = IsoJudge.Table };
        var (one, two) = (Holdable(Ext4Trees.Random(3)), new FileTree());
        foreach (var (path, node) in one.Walk().Reverse().Where(n => n.Node is not DirectoryNode || ((DirectoryNode)n.Node).Count == 0))
            two.Set(path, node);
        foreach (var (path, node) in one.Walk().Where(n => n.Node is DirectoryNode))
            Copy(node, two.Find(path)!);
        Copy(one.Root, two.Root);
        IsoJudge.Write(_dir["1"], one, options, parallelism: 1);
        IsoJudge.Write(_dir["2"], two, options, parallelism: 8);
        Tool.Run("cmp", _dir["1"], _dir["2"]).Output.ShouldBeEmpty();
    }

    [Fact]
    public void Descriptors_say_who_and_when()
    {
        IsoJudge.Write(Image, new FileTree(), IsoJudge.Options with { Publisher = "P" + new string('x', 200), Preparer = "PREPARED", Application = "APPLIED" });
        var said = Tool.Require("isoinfo", "-d", "-i", Image);
        foreach (var line in new[] { "System id: LINUX\n", "Volume id: TEST_ISO\n", "Publisher id: P" + new string('x', 127) + "\n", "Data preparer id: PREPARED\n", "Application id: APPLIED\n", "Joliet with UCS level 3 found", "Rock Ridge signatures version 1 found" })
            said.ShouldContain(line);
        Tool.Require("blkid", "-p", "-o", "value", "-s", "UUID", Image).Trim().ShouldBe("2023-11-14-22-13-20-00");
    }

    /// <summary>Each judge of trees says no: a name, a length, a content, a place.</summary>
    [Theory]
    [InlineData("name")]
    [InlineData("content")]
    [InlineData("owner")]
    public void Judges_say_no(string what)
    {
        var tree = new FileTree();
        var file = Ext4Trees.File("somewhere in the middle"u8.ToArray());
        file.Uid = 0x12345678;
        tree.Set("/named-like-this", file);
        Hold(tree);
        var bytes = File.ReadAllBytes(Image);
        var pattern = what switch { "name" => "named-like-this"u8.ToArray(), "content" => "in the middle"u8.ToArray(), _ => [0x78, 0x56, 0x34, 0x12, 0x12, 0x34, 0x56, 0x78] };
        Damage.FlipBit(Image, bytes.AsSpan().IndexOf(pattern));
        Should.Throw<Exception>(() => IsoJudge.ShouldHold(Image, tree));
    }

    private void Hold(FileTree tree)
    {
        IsoJudge.Write(Image, tree);
        IsoJudge.ShouldHold(Image, tree);
    }

    /// <summary>Reads through the table of extents that xorriso reports.</summary>
    private byte[] Taken(string path, long offset, int length)
    {
        var lines = Tool.Require("xorriso", "-indev", Image, "-find", path, "-exec", "report_lba").Split('\n').Where(l => l.StartsWith("File data lba:", StringComparison.Ordinal));
        using var image = File.OpenRead(Image);
        var taken = new List<byte>();
        var start = 0L;
        foreach (var fields in lines.Select(l => l[14..].Split(',')))
        {
            var (lba, blocks) = (long.Parse(fields[1]), long.Parse(fields[2]));
            var end = start + blocks * 2048;
            while (taken.Count < length && offset + taken.Count >= start && offset + taken.Count < end)
            {
                image.Position = lba * 2048 + offset + taken.Count - start;
                taken.Add((byte)image.ReadByte());
            }
            start = end;
        }
        return [.. taken];
    }

    private static byte[] Read(FileContent content, long offset, int length)
    {
        var bytes = new byte[length];
        content.Read(offset, bytes);
        return bytes;
    }

    private static bool IsSlashy(SymbolicLink link) =>
        Encoding.UTF8.GetString(link.Target) is var text && (text.Contains("//", StringComparison.Ordinal) || (text.EndsWith('/') && text != "/"));

    private static void Copy(FileNode from, FileNode to) =>
        (to.Permissions, to.Uid, to.Gid, to.Mtime) = (from.Permissions, from.Uid, from.Gid, from.Mtime);

    /// <summary>Without what an ISO does not keep: attributes, fractions of seconds, times after 2155.</summary>
    private static FileTree Holdable(FileTree tree)
    {
        tree.Remove("/slowest");                    // beyond libisofs, as are large minor numbers; the kernel is asked elsewhere
        foreach (var path in tree.Walk().Where(n => n.Node is SpecialFile { Minor: > 255 }).Select(n => n.Path).ToList())
            tree.Remove(path);
        foreach (var node in tree.Walk().Select(n => n.Node).Append(tree.Root))
            (node.Xattrs, node.Mtime) = ([], new(Math.Clamp(node.Mtime.Seconds, 0, 4_100_000_000)));
        return tree;
    }
}
