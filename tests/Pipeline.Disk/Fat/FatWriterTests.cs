using System.Security.Cryptography;
using System.Text;
using Pipeline.Core.Blocks;
using Pipeline.Core.Files;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Disk.Fat;

public sealed class FatWriterTests
{
    private static readonly UnixTime Clock = new(1_700_000_001, 990_000_000);

    [Theory]
    [InlineData("fat12", 12, 512)]
    [InlineData("fat16", 16, 512)]
    [InlineData("fat32", 32, 512)]
    [InlineData("fat12-4096", 12, 4096)]
    [InlineData("fat16-4096", 16, 4096)]
    [InlineData("fat32-4096", 32, 4096)]
    public void Every_type_is_clean_lies_where_the_map_says_and_holds_the_tree(string name, int bits, int sectorBytes)
    {
        using var temp = new TempDir();
        var image = temp["fat.img"];
        var layout = FatJudge.Write(Boot(), Options(bits, sectorBytes), image);
        layout.FatBits.ShouldBe(bits);
        FatJudge.Complaints(image).ShouldBeEmpty();
        FatJudge.ShouldHold(image, Boot());
        Golden.Match(name + ".map", layout.Regions().ToMap() + $"sha256 {Sha256(image)}\n");
    }

    [Theory]
    [InlineData(12)]
    [InlineData(16)]
    [InlineData(32)]
    public void Independent_readers_see_type_label_and_id(int bits)
    {
        using var temp = new TempDir();
        FatJudge.Write(Boot(), Options(bits), temp["fat.img"]);
        var blkid = Tool.Require("blkid", "-p", "-o", "export", temp["fat.img"]);
        blkid.ShouldContain("LABEL=ESP\n");
        blkid.ShouldContain("LABEL_FATBOOT=ESP\n");
        blkid.ShouldContain("UUID=CAFE-BABE\n");
        blkid.ShouldContain($"VERSION=FAT{bits}\n");
        Tool.Require("file", temp["fat.img"]).ShouldContain("serial number 0xcafebabe");
        var minfo = Tool.Require("minfo", "-i", temp["fat.img"], "::");
        minfo.ShouldContain("heads: 64");
        minfo.ShouldContain("sectors per track: 32");
        minfo.ShouldContain("hidden sectors: 2048");
        minfo.ShouldContain("media byte: f8");
    }

    [Theory]
    [InlineData(12)]
    [InlineData(16)]
    [InlineData(32)]
    public void First_files_come_first_in_the_root_and_in_the_data(int bits)
    {
        using var temp = new TempDir();
        var tree = new FileTree();
        foreach (var (name, length) in new[] { ("MLO", 70_000), ("am335x.dtb", 9000), ("a/deep", 100), ("u-boot.img", 300_000) })
            tree.Set("/" + name, new RegularFile { Content = FileContent.Of([.. Enumerable.Range(0, length).Select(i => (byte)(i + length))]), Mtime = Clock });
        var options = Options(bits) with { Label = null, FirstFiles = ["mlo", "u-boot.img"], ReservedSectors = 40 };

        var layout = FatJudge.Write(tree, options, temp["fat.img"]);

        FatJudge.Complaints(temp["fat.img"]).ShouldBeEmpty();
        FatJudge.ShouldHold(temp["fat.img"], tree);
        Tool.Require("minfo", "-i", temp["fat.img"], "::").ShouldContain("reserved (boot) sectors: 40");
        Tool.Require("mdir", "-b", "-i", temp["fat.img"], "::").Split('\n').Take(2).ShouldBe(["::/MLO", "::/u-boot.img"]);
        var first = bits == 32 ? 2 + Clusters(512, layout) : 2;
        var second = first + Clusters(70_000, layout);
        Tool.Require("mshowfat", "-i", temp["fat.img"], "::MLO").ShouldContain($"<{first}-{second - 1}>");
        Tool.Require("mshowfat", "-i", temp["fat.img"], "::u-boot.img").ShouldContain($"<{second}-{second + Clusters(300_000, layout) - 1}>");
    }

    private static int Clusters(int bytes, FatLayout layout) => (bytes + layout.ClusterBytes - 1) / layout.ClusterBytes;

    [Theory]
    [InlineData("MLO")]
    [InlineData("folder")]
    public void A_first_file_that_is_not_in_the_root_is_told(string name)
    {
        var tree = new FileTree();
        tree.Set("/folder/MLO", new RegularFile { Mtime = Clock });

        FatLayout.Place(tree, Options(16) with { FirstFiles = [name] }, null).Diagnostics.Single().Rule.Code.ShouldBe("PL4324");
    }

    [Fact]
    public void Names_in_one_case_need_no_long_entry_and_keep_their_case()
    {
        using var temp = new TempDir();
        var tree = new FileTree();
        foreach (var name in new[] { "lower.txt", "UPPER.TXT", "half.TXT", "HALF2.txt", "Mixed.txt", "two.dots.txt", "longer-than-eight.txt", "noext" })
            tree.Root.Set(FileName.Of(name), new RegularFile { Mtime = Clock });
        FatJudge.Write(tree, Options(12), temp["fat.img"]);
        FatJudge.ShouldHold(temp["fat.img"], tree);
        Golden.Match("names.txt", Tool.Require("mdir", "-a", "-i", temp["fat.img"], "::"));
    }

    [Fact]
    public void Many_long_names_of_one_family_get_aliases_of_their_own()
    {
        using var temp = new TempDir();
        var tree = new FileTree();
        var directory = tree.EnsureDirectory("/many", Clock);
        for (var i = 0; i < 12_000; i++)
            directory.Set(FileName.Of($"same beginning {i:D5}.conf"), new RegularFile { Mtime = Clock });
        FatJudge.Write(tree, Options(32), temp["fat.img"]);
        FatJudge.Complaints(temp["fat.img"]).ShouldBeEmpty();
        Tool.Require("mdir", "-b", "-i", temp["fat.img"], "::/many").Split('\n', StringSplitOptions.RemoveEmptyEntries).Length.ShouldBe(12_000);
    }

    [Fact]
    public void A_root_directory_grows_beyond_the_usual_512_slots()
    {
        using var temp = new TempDir();
        var tree = new FileTree();
        for (var i = 0; i < 900; i++)
            tree.Root.Set(FileName.Of($"a long file name {i}"), new RegularFile { Mtime = Clock, Content = FileContent.Of([1, 2, 3]) });
        FatJudge.Write(tree, Options(16), temp["fat.img"]);
        FatJudge.Complaints(temp["fat.img"]).ShouldBeEmpty();
        FatJudge.ShouldHold(temp["fat.img"], tree);
    }

    [Theory]
    [InlineData("a table entry", 16, 0)]
    [InlineData("the second copy of the table", 16, 0)]
    [InlineData("the count of free clusters", 32, 512 + 488)]
    [InlineData("the boot sector's backup", 32, 6 * 512 + 300)]
    public void The_judge_sees_damage_to(string what, int bits, int place)
    {
        using var temp = new TempDir();
        var layout = FatJudge.Write(Boot(), Options(bits), temp["fat.img"]);
        var offset = what.StartsWith("a table", StringComparison.Ordinal) ? layout.FatOffsetBytes(0) + 5
            : what.StartsWith("the second", StringComparison.Ordinal) ? layout.FatOffsetBytes(1) + 5 : place;
        FatJudge.Complaints(temp["fat.img"]).ShouldBeEmpty();
        Damage.FlipBit(temp["fat.img"], offset, 4);
        FatJudge.Complaints(temp["fat.img"]).ShouldNotBeEmpty(what);
    }

    [Fact]
    public void The_comparison_of_trees_sees_a_flipped_byte_of_a_file()
    {
        using var temp = new TempDir();
        var layout = FatJudge.Write(Boot(), Options(16), temp["fat.img"]);
        var file = layout.Directories.SelectMany(d => d.Files).First(f => f.FirstCluster != 0 && f.Directory is null);
        Damage.FlipBit(temp["fat.img"], layout.Geometry.ClusterOffsetBytes(file.FirstCluster));
        Should.Throw<ShouldAssertException>(() => FatJudge.ShouldHold(temp["fat.img"], Boot()));
    }

    [Fact]
    public void Random_trees_are_clean_and_equal()
    {
        var seed = Environment.TickCount;
        for (var round = 0; round < 8; round++)
        {
            var random = new Random(seed + round);
            using var temp = new TempDir();
            var tree = RandomFatTree.Create(random, random.Next(1, 150));
            int? bits = new int?[] { 12, 16, 32, null }[round % 4];
            var options = Options(bits, round % 3 == 0 ? 4096 : 512) with { FreeBytes = random.Next(1 << 20) };
            FatJudge.Write(tree, options, temp["fat.img"]);
            FatJudge.Complaints(temp["fat.img"]).ShouldBeEmpty($"seed {seed + round}");
            FatJudge.ShouldHold(temp["fat.img"], tree);
        }
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData(16, 63)]
    public void A_length_that_is_no_whole_track_and_no_whole_sector_is_fine(int? heads, int? sectorsPerTrack)
    {
        using var temp = new TempDir();
        var options = Options(null) with { LengthBytes = (10 << 20) + 5 * 512 + 100, Heads = heads, SectorsPerTrack = sectorsPerTrack };
        FatJudge.Write(Boot(), options, temp["fat.img"]);
        new FileInfo(temp["fat.img"]).Length.ShouldBe(options.LengthBytes!.Value);
        FatJudge.Complaints(temp["fat.img"]).ShouldBeEmpty();
        FatJudge.ShouldHold(temp["fat.img"], Boot());
    }

    [Fact]
    public void A_source_that_ends_early_is_reported_as_itself_also_from_several_threads()
    {
        var tree = new FileTree();
        for (var i = 0; i < 20; i++)
            tree.Set($"/file{i}", new RegularFile { Content = FileContent.Of(new MemorySource([1]), 0, 2) });
        var writer = new FatWriter(FatLayout.Place(tree, Options(null), null).Value!);
        Should.Throw<EndOfStreamException>(() => writer.Pour(new MemorySink(writer.LengthBytes), 4, CancellationToken.None));
    }

    [Fact]
    public void The_order_of_insertion_and_the_threads_do_not_show()
    {
        var (forward, backward) = (new FileTree(), new FileTree());
        var names = Enumerable.Range(0, 60).Select(i => $"/dir{i % 7}/some long name {i}").ToList();
        foreach (var name in names)
            forward.Set(name, new RegularFile { Content = FileContent.Of(Encoding.UTF8.GetBytes(name)) });
        foreach (var name in Enumerable.Reverse(names))
            backward.Set(name, new RegularFile { Content = FileContent.Of(Encoding.UTF8.GetBytes(name)) });
        Bytes(forward, 1).ShouldBe(Bytes(backward, 4));
    }

    internal static FatOptions Options(int? bits, int sectorBytes = 512) => new()
    {
        VolumeId = 0xCAFEBABE, Label = "ESP", FatBits = bits, SectorBytes = sectorBytes, Heads = 64, SectorsPerTrack = 32,
        HiddenSectors = 2048, Clock = Clock,
    };

    private static string Bytes(FileTree tree, int parallelism)
    {
        var writer = new FatWriter(FatLayout.Place(tree, Options(16), null).Value!);
        var sink = new MemorySink(writer.LengthBytes);
        writer.Pour(sink, parallelism, CancellationToken.None);
        writer.Seal(sink, CancellationToken.None);
        return Convert.ToHexString(SHA256.HashData(sink.Bytes.Span));
    }

    private static FileTree Boot()
    {
        var tree = new FileTree();
        var loader = new RegularFile { Mtime = Clock, Content = FileContent.Of([.. Enumerable.Range(0, 100_000).Select(i => (byte)(i * 7))]) };
        tree.Set("/EFI/BOOT/BOOTX64.EFI", loader);
        tree.Set("/EFI/debian/grubx64.efi", loader);
        tree.Set("/EFI/debian/grub.cfg", new RegularFile { Mtime = new(0), Content = FileContent.Of("search --set root\n"u8.ToArray()) });
        tree.Set("/loader/entries/Debian GNU Linux 12.conf", new RegularFile { Mtime = new(1L << 34), Content = FileContent.Of("title Debian\n"u8.ToArray()) });
        tree.Set("/empty", new RegularFile { Mtime = Clock });
        tree.EnsureDirectory("/empty directory", Clock);
        return tree;
    }

    private static string Sha256(string path) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));
}
