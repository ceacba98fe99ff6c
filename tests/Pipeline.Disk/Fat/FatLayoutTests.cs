using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Disk.Fat;

public sealed class FatLayoutTests
{
    private const long MiB = 1 << 20;
    private static readonly SourceSpan Span = new("boards/b.yaml", 9, 5);

    [Theory]
    [InlineData("symlink", "PL4301", "'/link' is a symbolic link, which FAT cannot hold; put a copy of 'target' in its place, or mount another file system there")]
    [InlineData("device", "PL4302", "'/console' is a character device, which FAT cannot hold; remove it, or mount another file system there")]
    [InlineData("fifo", "PL4302", "'/pipe' is a fifo, which FAT cannot hold; remove it, or mount another file system there")]
    [InlineData("4 GiB", "PL4303", "'/big' has 4294967296 bytes, a file on FAT at most 4294967295; keep it on another file system")]
    [InlineData("colon", "PL4304", "FAT cannot hold the name '/a:b': it contains ':'; rename it")]
    [InlineData("control", "PL4304", "FAT cannot hold the name '/a\tb': it contains a control character; rename it")]
    [InlineData("dot", "PL4304", "FAT cannot hold the name '/dir/end.': it ends with a dot or a space; rename it")]
    [InlineData("space", "PL4304", "FAT cannot hold the name '/end ': it ends with a dot or a space; rename it")]
    [InlineData("bytes", "PL4304", "FAT cannot hold the name '/\uFFFD': it is not UTF-8; rename it")]
    [InlineData("long", "PL4304", null)]
    [InlineData("case", "PL4305", "'/dir/README' and '/dir/readme' differ only by case, which FAT cannot tell apart; rename one of them")]
    [InlineData("umlaut case", "PL4305", "'/Ärger' and '/ärger' differ only by case, which FAT cannot tell apart; rename one of them")]
    [InlineData("full", "PL4306", "directory '/' needs 66000 entries, FAT allows 65407 (a long name takes several); spread its files over subdirectories")]
    [InlineData("many", "PL4307", "10 more files of this tree do not fit FAT; mend the ones above first, or choose another file system")]
    public void What_fat_cannot_hold_is_named(string what, string code, string? message)
    {
        var result = FatLayout.Place(Tree(what), FatWriterTests.Options(null), Span);
        result.IsOk.ShouldBeFalse();
        result.Diagnostics.ShouldContain(d => d.Rule.Code == code && (message == null || d.Message == message), string.Join('\n', result.Diagnostics));
        result.Diagnostics.ShouldAllBe(d => d.Span == Span);
    }

    [Theory]
    [InlineData("TWELVE CHARS", "PL4310")]
    [InlineData("A.B", "PL4311")]
    [InlineData("A\nB", "PL4311")]
    [InlineData(" A", "PL4311")]
    [InlineData("Ä", "PL4311")]
    [InlineData("system-boot", "PL4312")]
    [InlineData("EFI-SYSTEM", null)]
    [InlineData("", null)]
    public void Labels_keep_the_rules(string label, string? code) =>
        FatLabel.Check(label, Span).Select(d => d.Rule.Code).ShouldBe(code is null ? [] : [code]);

    [Fact]
    public void A_lower_case_label_is_written_as_it_is()
    {
        using var temp = new TempDir();
        FatJudge.Write(new FileTree(), FatWriterTests.Options(16) with { Label = "system-boot" }, temp["fat.img"]);
        FatJudge.Complaints(temp["fat.img"]).ShouldBeEmpty();
        Tool.Require("blkid", "-p", "-o", "export", temp["fat.img"]).ShouldContain("LABEL=system-boot\n");
    }

    [Theory]
    [InlineData("too small", "PL4320", "the FAT file system is fixed at 8 MiB (4080 clusters of 2048 bytes), its content needs 5122 clusters; give it at least 11 MiB")]
    [InlineData("fat32 too small", "PL4321", "FAT32 needs at least 65525 clusters, 16 MiB gives fewer; give it at least 33 MiB, or leave out the FAT type")]
    [InlineData("fat16 too small", "PL4321", "FAT16 needs at least 4085 clusters, 1 MiB gives fewer; give it at least 3 MiB, or leave out the FAT type")]
    [InlineData("fat12 too large", "PL4322", "FAT12 cannot hold 1 GiB, it ends at 255.3 MiB; make it smaller, or choose FAT32")]
    [InlineData("fat32 too large", "PL4322", "FAT32 cannot hold 3 TiB, it ends at 2.0 TiB; make it smaller, or choose another file system")]
    [InlineData("fat13", "PL4323", "FAT type is 13, expected 12, 16 or 32")]
    [InlineData("heads", "PL4323", "FAT heads is 256, expected 1 to 255")]
    [InlineData("sectors", "PL4323", "FAT sector size is 8192, expected 512, 1024, 2048 or 4096")]
    [InlineData("reserved", "PL4323", "FAT reserved sectors is 1, expected 8 to 32768")]
    public void What_cannot_be_is_refused_with_numbers(string what, string code, string message)
    {
        var options = FatWriterTests.Options(null);
        options = what switch
        {
            "too small" => options with { LengthBytes = 8 * MiB },
            "fat32 too small" => options with { LengthBytes = 16 * MiB, FatBits = 32 },
            "fat16 too small" => options with { LengthBytes = MiB, FatBits = 16 },
            "fat12 too large" => options with { LengthBytes = 1024 * MiB, FatBits = 12 },
            "fat32 too large" => options with { LengthBytes = 3L << 40 },
            "fat13" => options with { FatBits = 13 },
            "heads" => options with { Heads = 256 },
            "sectors" => options with { SectorBytes = 8192 },
            _ => options with { FatBits = 32, ReservedSectors = 1 },
        };
        var result = FatLayout.Place(what == "too small" ? Tree("10 MiB") : new FileTree(), options, Span);
        result.Diagnostics.Select(d => (d.Rule.Code, d.Message)).ShouldBe([(code, message)]);
    }

    [Theory]
    [InlineData(1, null)]
    [InlineData(8, null)]
    [InlineData(9, null)]
    [InlineData(33, 32)]
    [InlineData(64, null)]
    [InlineData(300, null)]
    [InlineData(300, 32)]
    [InlineData(511, null)]
    [InlineData(512, null)]
    [InlineData(8192, null)]
    [InlineData(32768, null)]
    public void Type_and_clusters_are_those_of_mkfs(int mebibytes, int? bits)
    {
        using var temp = new TempDir();
        using (var file = File.Create(temp["mkfs.img"]))
            file.SetLength(mebibytes * MiB);
        Tool.Require("mkfs.fat", [.. bits is null ? [] : new[] { "-F", $"{bits}" }, temp["mkfs.img"]]);
        var theirs = File.OpenRead(temp["mkfs.img"]);
        var sector = new byte[512];
        using (theirs)
            theirs.ReadExactly(sector);
        var layout = FatJudge.Write(new FileTree(), FatWriterTests.Options(bits) with { LengthBytes = mebibytes * MiB }, temp["ours.img"]);
        var theirBits = sector[82] == 'F' ? 32 : sector[57] == '1' && sector[58] == '2' ? 12 : 16;
        (layout.FatBits, layout.ClusterBytes).ShouldBe((theirBits, sector[13] * 512));
        FatJudge.Complaints(temp["ours.img"]).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(12, 512)]
    [InlineData(16, 512)]
    [InlineData(32, 512)]
    [InlineData(12, 4096)]
    [InlineData(16, 4096)]
    [InlineData(32, 4096)]
    public void Every_length_near_the_edge_of_a_type_stays_inside_it(int bits, int sectorBytes)
    {
        var options = FatWriterTests.Options(bits, sectorBytes);
        var least = FatGeometry.LeastSectors(bits, 1, options);
        for (var sectors = Math.Max(1, least - 200); sectors < least + 3000; sectors++)
        {
            var geometry = FatGeometry.Choose(sectors, 1, options, out var misfit);
            (geometry is null).ShouldBe(misfit != FatMisfit.None);
            if (geometry is null)
                continue;
            geometry.ClusterCount.ShouldBeInRange(FatGeometry.MinClusters(bits), FatGeometry.MaxClusters(bits));
            (geometry.FatSectors * sectorBytes * 8 / bits).ShouldBeGreaterThanOrEqualTo(geometry.ClusterCount + 2);
            (geometry.FirstDataSector + (long)geometry.ClusterCount * geometry.SectorsPerCluster).ShouldBeLessThanOrEqualTo(sectors);
        }
        FatGeometry.Choose(least, 1, options, out _).ShouldNotBeNull();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1000)]
    [InlineData(10 << 20)]
    [InlineData(600L << 20)]
    public void The_free_space_asked_for_is_there(long freeBytes)
    {
        var layout = FatLayout.Place(Tree("10 MiB"), FatWriterTests.Options(null) with { FreeBytes = freeBytes }, null).Value!;
        var free = (long)(layout.ClusterCount - layout.UsedClusters) * layout.ClusterBytes;
        free.ShouldBeInRange(freeBytes, freeBytes + (1 << 17));
    }

    [Theory]
    [InlineData(0, 0, 0x0021, 0x0000, 0)]
    [InlineData(1_700_000_001, 990_000_000, 0x576E, 0xB1AA, 199)]
    [InlineData(4_107_542_400, 0, 0xF061, 0x0000, 0)]
    [InlineData(long.MaxValue, 5, 0xFF9F, 0xBF7D, 100)]
    public void Times_are_utc_and_end_with_what_fat_knows(long seconds, int nanoseconds, int date, int time, int hundredths) =>
        FatTime.Of(new(seconds, nanoseconds)).ShouldBe(new((ushort)date, (ushort)time, (byte)hundredths));

    [Fact]
    public void Characters_beyond_the_first_65536_are_two_units()
    {
        FatName.TryShort("🐧 tux").ShouldBeNull();
        var name = new AliasMaker().Alias("🐧 tux");
        name.Long!.Length.ShouldBe(6);
        System.Text.Encoding.ASCII.GetString(name.Short).ShouldBe("_TUX~1     ");
    }

    private static FileTree Tree(string what)
    {
        var tree = new FileTree();
        var (path, node) = what switch
        {
            "symlink" => ("/link", new SymbolicLink { Target = "target"u8.ToArray() }),
            "device" => ("/console", new SpecialFile { Kind = SpecialKind.CharacterDevice, Major = 5, Minor = 1 }),
            "fifo" => ("/pipe", new SpecialFile { Kind = SpecialKind.Fifo }),
            "4 GiB" => ("/big", new RegularFile { Content = FileContent.Sparse(null, 1L << 32, []) }),
            "10 MiB" => ("/big", new RegularFile { Content = FileContent.Sparse(null, (10 << 20) + 2049, []) }),
            "colon" => ("/a:b", new RegularFile()),
            "control" => ("/a\tb", new RegularFile()),
            "dot" => ("/dir/end.", new RegularFile()),
            "space" => ("/end ", new RegularFile()),
            "long" => ("/" + new string('ü', 256), new RegularFile()),
            "case" => ("/dir/readme", new RegularFile()),
            "umlaut case" => ("/ärger", (FileNode)new RegularFile()),
            _ => ("/x", new DirectoryNode()),
        };
        tree.Set(path, node);
        if (what == "bytes")
            tree.Root.Set(new FileName([0xFF]), new RegularFile());
        if (what == "case")
            tree.Set("/dir/README", new RegularFile());
        if (what == "umlaut case")
            tree.Set("/Ärger", new RegularFile());
        for (var i = 0; i < (what == "full" ? 65999 : what == "many" ? 60 : 0); i++)
            tree.Root.Set(FileName.Of(what == "full" ? $"f{i}" : $"f{i}?"), new RegularFile());
        return tree;
    }
}
