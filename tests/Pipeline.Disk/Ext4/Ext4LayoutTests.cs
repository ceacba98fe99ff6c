using Pipeline.Core.Blocks;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Disk.Ext4;

public sealed class Ext4LayoutTests
{
    private const long MiB = 1 << 20;

    [Fact]
    public void The_map_of_the_torture_tree() =>
        Golden.Match("torture.map", Ext4Layout.Place(Ext4Trees.Torture(), E2fs.Options, null).Value!.Regions().ToMap());

    [Fact]
    public void Regions_never_overlap()
    {
        var layout = Ext4Layout.Place(Ext4Trees.Torture(), E2fs.Options with { LengthBytes = 9000 * MiB }, null).Value!;
        var regions = layout.Regions().OrderBy(r => r.OffsetBytes).ToList();
        for (var i = 1; i < regions.Count; i++)
            regions[i - 1].EndBytes.ShouldBeLessThanOrEqualTo(regions[i].OffsetBytes, $"{regions[i - 1]} {regions[i]}");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(129)]
    [InlineData(130)]
    [InlineData(140)]
    [InlineData(257)]
    [InlineData(1024)]
    [InlineData(2049)]
    [InlineData(2060)]
    [InlineData(20_001)]
    [InlineData(102_400)]
    public void Any_length_is_clean(int mebibytes)
    {
        using var dir = new TempDir();
        var tree = new FileTree();
        tree.Set("/file", Ext4Trees.File(Ext4Trees.Bytes(5000, 1)));
        var layout = E2fs.Write(dir["i"], tree, E2fs.Options with { LengthBytes = mebibytes * MiB });
        layout.LengthBytes.ShouldBe(mebibytes * MiB);
        E2fs.ShouldBeClean(dir["i"]);
    }

    [Fact]
    public void A_length_that_is_no_whole_number_of_blocks_is_clean()
    {
        using var dir = new TempDir();
        E2fs.Write(dir["i"], new FileTree(), E2fs.Options with { LengthBytes = 10 * MiB + 513 });
        E2fs.ShouldBeClean(dir["i"]);
    }

    [Fact]
    public void The_smallest_length_is_found_and_one_block_less_is_refused()
    {
        using var dir = new TempDir();
        var tree = Ext4Trees.Torture();
        tree.Set("/filler", Ext4Trees.File(new byte[30 * MiB]));
        var length = 20 * MiB;
        while (!Ext4Layout.Place(tree, E2fs.Options with { LengthBytes = length }, null).IsOk)
            length += 4096;
        var full = E2fs.Write(dir["i"], tree, E2fs.Options with { LengthBytes = length });
        E2fs.ShouldBeClean(dir["i"]);
        full.FreeBytes.ShouldBe(0);
        E2fs.Debugfs(dir["i"], "stats -h").ShouldContain("Free blocks:              0");
        var refused = Ext4Layout.Place(tree, E2fs.Options with { LengthBytes = length - 4096 }, new("images/x/image.yaml", 3, 5));
        refused.Diagnostics.ShouldHaveSingleItem().ToString().ShouldStartWith("images/x/image.yaml:3:5: error PL4401: the ext4 file system needs ");
    }

    [Fact]
    public void The_length_that_a_refusal_names_is_enough()
    {
        var tree = new FileTree();
        tree.Set("/filler", Ext4Trees.File(new byte[200 * MiB]));
        foreach (var given in new[] { 4096, MiB, 50 * MiB, 201 * MiB })
        {
            var message = Ext4Layout.Place(tree, E2fs.Options with { LengthBytes = given }, null).Diagnostics.Single().Message;
            var needed = long.Parse(message.Split(' ')[5]);
            Ext4Layout.Place(tree, E2fs.Options with { LengthBytes = needed }, null).IsOk.ShouldBeTrue(message);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1 << 20)]
    [InlineData(300 << 20)]
    [InlineData(5L << 30)]
    public void An_automatic_length_has_the_free_space(long freeBytes)
    {
        var layout = Ext4Layout.Place(Ext4Trees.Torture(), E2fs.Options with { FreeBytes = freeBytes }, null).Value!;
        (layout.LengthBytes % MiB).ShouldBe(0);
        layout.FreeBytes.ShouldBeGreaterThanOrEqualTo(freeBytes);
        layout.FreeBytes.ShouldBeLessThan(freeBytes + 64 * MiB + freeBytes / 4);
    }

    [Fact]
    public void Many_small_files_get_their_inodes()
    {
        using var dir = new TempDir();
        var tree = new FileTree();
        for (var i = 0; i < 100_000; i++)
            tree.EnsureDirectory($"/d{i / 500}", default).Set(FileName.Of($"{i}"), new RegularFile());
        E2fs.Write(dir["i"], tree);
        E2fs.ShouldBeClean(dir["i"]);
    }

    public static TheoryData<string, Action<FileTree>> Refused => new()
    {
        { "PL4404", t => t.Root.Set(FileName.Of(new string('x', 256)), new RegularFile()) },
        { "PL4404", t => t.Root.Set(FileName.Of("a/b"), new RegularFile()) },
        { "PL4404", t => t.Root.Set(FileName.Of(".."), new RegularFile()) },
        { "PL4404", t => t.Root.Set(FileName.Of("\0"), new RegularFile()) },
        { "PL4405", t => LinkOften(t, 65_001) },
        { "PL4406", t => t.Set("/x", new RegularFile { Content = FileContent.Sparse(null, 1L << 44, []) }) },
        { "PL4407", t => t.Set("/x", new SymbolicLink { Target = [] }) },
        { "PL4407", t => t.Set("/x", new SymbolicLink { Target = new byte[4096] }) },
        { "PL4408", t => t.Set("/x", Ext4Trees.Special(SpecialKind.BlockDevice, 4096, 0)) },
        { "PL4408", t => t.Set("/x", Ext4Trees.Special(SpecialKind.BlockDevice, 0, 1 << 20)) },
        { "PL4409", t => t.Set("/x", new RegularFile { Xattrs = [new("user.x", new byte[5000])] }) },
        { "PL4411", t => t.Set("/x", new RegularFile { Xattrs = [new("user.", [1])] }) },
        { "PL4412", t => t.Set("/x", new RegularFile { Xattrs = [new("system.posix_acl_access", [1, 2, 3])] }) },
        { "PL4414", t => t.Set("/lost+found", new RegularFile()) },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_ext4_cannot_hold_is_refused(string code, Action<FileTree> spoil)
    {
        var tree = new FileTree();
        spoil(tree);
        var refused = Ext4Layout.Place(tree, E2fs.Options, null);
        refused.IsOk.ShouldBeFalse();
        refused.Diagnostics.ShouldHaveSingleItem().Rule.Code.ShouldBe(code);
    }

    [Fact]
    public void All_complaints_come_in_one_run_with_their_paths()
    {
        var tree = new FileTree();
        tree.Set("/a/b/link", new SymbolicLink { Target = [] });
        tree.Set("/a/device", Ext4Trees.Special(SpecialKind.BlockDevice, 5000, 0));
        Golden.Match("complaints.txt", string.Concat(Ext4Layout.Place(tree, E2fs.Options with { Label = "seventeen letters" }, null).Diagnostics.Select(d => d + "\n")));
    }

    [Fact]
    public void A_foreign_attribute_is_left_out_with_a_warning()
    {
        var tree = new FileTree();
        tree.Set("/x", new RegularFile { Xattrs = [new("com.apple.provenance", [1])] });
        var placed = Ext4Layout.Place(tree, E2fs.Options, null);
        placed.IsOk.ShouldBeTrue();
        var warning = placed.Diagnostics.ShouldHaveSingleItem();
        warning.Rule.ShouldBe(Ext4Rules.ForeignXattr);
        warning.Rule.Severity.ShouldBe(Severity.Warning);
    }

    [Fact]
    public void More_than_16_TiB_is_refused() =>
        Ext4Layout.Place(new FileTree(), E2fs.Options with { LengthBytes = 17L << 40 }, null).Diagnostics.Single().Rule.ShouldBe(Ext4Rules.TooLarge);

    private static void LinkOften(FileTree tree, int count)
    {
        var file = new RegularFile();
        for (var i = 0; i < count; i++)
            tree.Root.Set(FileName.Of($"{i}"), file);
    }
}
