using Pipeline.Core.Files;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Disk.Erofs;

public sealed class ErofsWriterTests : IDisposable
{
    private readonly TempDir _dir = new();

    private string Image => _dir["i"];

    [Fact]
    public void An_empty_tree_is_a_file_system()
    {
        Hold(new FileTree());
        new FileInfo(Image).Length.ShouldBe(8192);
        var said = Tool.Require("dump.erofs", "-s", Image);
        said.ShouldContain("Filesystem UUID:                              11111111-2222-8333-4444-555555555555");
        said.ShouldContain("Filesystem inode count:                       1\n");
        said.ShouldContain("Filesystem created:                           Tue Nov 14 22:13:20 2023");
        Tool.Require("blkid", "-p", Image).ShouldContain(" LABEL=\"Erofs\" UUID=\"11111111-2222-8333-4444-555555555555\"");
    }

    [Theory]
    [InlineData(ErofsCompression.None)]
    [InlineData(ErofsCompression.Lz4)]
    public void Every_kind_of_file_comes_back(ErofsCompression compression) => Hold(Ext4Trees.Torture(), compression);

    /// <summary>Six seeds, or as many as <c>PIPELINE_PROPERTY_RUNS</c> says.</summary>
    public static TheoryData<int> Seeds =>
        [.. Enumerable.Range(1, int.Parse(Environment.GetEnvironmentVariable("PIPELINE_PROPERTY_RUNS") ?? "6"))];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Random_trees_come_back(int seed)
    {
        Hold(Ext4Trees.Random(seed));
        var tree = Ext4Trees.Random(seed);
        for (var i = 0; i < 20; i++)
            tree.Set($"/words{i}", Ext4Trees.File(Words(seed * 3571 * (i + 1) % 500_000, seed + i)));
        Hold(tree, ErofsCompression.Lz4);
    }

    /// <summary>Around whole blocks, clusters and segments; what packs well, badly and not at all in turn.</summary>
    [Fact]
    public void What_is_packed_comes_back()
    {
        var tree = new FileTree();
        foreach (var length in new[] { 4096, 8192, 12_288, 65_536, 131_072, 1 << 20, (1 << 20) + 4096, 3 << 20 })
        {
            foreach (var more in new[] { -1, 0, 1, 2000 })
            {
                tree.Set($"/words/{length}.{more}", Ext4Trees.File(Words(length + more, length)));
                tree.Set($"/zero/{length}.{more}", Ext4Trees.File(new byte[length + more]));
                tree.Set($"/noise/{length}.{more}", Ext4Trees.File(Ext4Trees.Bytes(length + more, length)));
                tree.Set($"/mixed/{length}.{more}", Ext4Trees.File([.. Words(length / 2, 1), .. Ext4Trees.Bytes(length / 3, 2), .. Words(length - length / 2 - length / 3 + more, 3)]));
            }
        }
        tree.Set("/long", Ext4Trees.File([.. Words(3_000_000, 5), .. Ext4Trees.Bytes(2_500_000, 6), .. new byte[5_000_000], .. Words(1_234_567, 7)]));
        Hold(tree, ErofsCompression.Lz4);
        Tool.Require("dump.erofs", "--path=/long", Image).ShouldContain("Layout: 1 ");
    }

    [Fact]
    public void What_is_packed_is_shorter_and_equal_files_are_stored_once()
    {
        var tree = new FileTree();
        for (var i = 0; i < 5; i++)
        {
            tree.Set($"/words{i}", Ext4Trees.File(Words(1_000_000, 1)));
            tree.Set($"/noise{i}", Ext4Trees.File(Ext4Trees.Bytes(500_000, 2)));
        }
        var other = Ext4Trees.File(Ext4Trees.Bytes(500_000, 2));
        other.Xattrs = [new("user.x", Ext4Trees.Bytes(4000, 3))];   // its end has no room with the inode
        tree.Set("/other", other);
        Hold(tree, ErofsCompression.Lz4);
        new FileInfo(Image).Length.ShouldBeInRange(1_100_000, 1_700_000);
    }

    [Fact]
    public void What_is_packed_is_a_content_too()
    {
        var options = ErofsJudge.Options with { Compression = ErofsCompression.Lz4 };
        ErofsJudge.Write(Image, Ext4Trees.Torture(), options);
        var layout = ErofsLayout.Place(Ext4Trees.Torture(), options, null).Value!;
        using var writer = (PackedFileSystem)ErofsJudge.Open(layout, true, _dir["s"]);
        writer.Content.ReadAll(1 << 28).SequenceEqual(File.ReadAllBytes(Image)).ShouldBeTrue();
    }

    /// <summary>Without compression the bytes are those that need no scratch, where no file comes twice.</summary>
    [Fact]
    public void Scratch_makes_no_other_bytes()
    {
        var tree = new FileTree();
        for (var i = 0; i < 50; i++)
            tree.Set($"/{i}", Ext4Trees.File(Ext4Trees.Bytes(i * 30_000, i)));
        tree.Set("/holes", Ext4Trees.SparseFile(9_000_000, [(5000, 10), (4_300_000, 2_500_000)]));
        ErofsJudge.Write(Image, tree);
        using var writer = (PackedFileSystem)ErofsJudge.Open(ErofsLayout.Place(tree, ErofsJudge.Options, null).Value!, true, _dir["s"]);
        writer.Content.ReadAll(1 << 28).SequenceEqual(File.ReadAllBytes(Image)).ShouldBeTrue();
    }

    [Fact]
    public void What_does_not_fit_when_it_is_packed_is_refused()
    {
        var tree = new FileTree();
        tree.Set("/x", Ext4Trees.File(Ext4Trees.Bytes(100_000, 1)));
        var layout = ErofsLayout.Place(tree, ErofsJudge.Options with { Compression = ErofsCompression.Lz4, MaxLengthBytes = 8192 }, null).Value!;
        ErofsWriter.Pack(layout, SquashfsJudge.Context(_dir["s"]), CancellationToken.None).Diagnostics.ShouldHaveSingleItem().Rule.ShouldBe(ErofsRules.TooSmall);
        Directory.EnumerateFiles(_dir["s"]).ShouldBeEmpty();
    }

    /// <summary>Around whole blocks, and around the longest end that still lies with an inode of 64 or 32 bytes.</summary>
    [Fact]
    public void Lengths_around_a_block_come_back()
    {
        var tree = new FileTree();
        foreach (var blocks in new[] { 0, 1, 2, 9 })
        {
            foreach (var more in new[] { 1, 2, 4031, 4032, 4033, 4063, 4064, 4065, 4095, 4096 })
            {
                tree.Set($"/small/{blocks}.{more}", Ext4Trees.File(Ext4Trees.Bytes(blocks * 4096 + more, more)));
                var compact = Ext4Trees.File(Ext4Trees.Bytes(blocks * 4096 + more, more + 1));
                compact.Mtime = ErofsJudge.Clock;
                tree.Set($"/compact/{blocks}.{more}", compact);
                tree.Set($"/link/{more}", Ext4Trees.Link(new string('t', Math.Min(more, 4095))));
            }
        }
        Hold(tree);
    }

    [Theory]
    [InlineData(0u, 0u, 0, 32)]
    [InlineData(65_535u, 65_535u, 0, 32)]
    [InlineData(65_536u, 0u, 0, 64)]
    [InlineData(0u, 65_536u, 0, 64)]
    [InlineData(0u, 0u, 1, 64)]
    public void An_inode_is_as_small_as_its_numbers_allow(uint uid, uint gid, int later, int expected)
    {
        var tree = new FileTree();
        tree.Set("/x", new RegularFile { Uid = uid, Gid = gid, Mtime = ErofsJudge.Clock with { Nanoseconds = ErofsJudge.Clock.Nanoseconds + later } });
        Hold(tree);
        Tool.Require("dump.erofs", "--path=/x", Image).ShouldContain($"Inode size: {expected}");
    }

    /// <summary>The lister looks every name up, so the kernel halves blocks and entries.</summary>
    [Theory]
    [InlineData(100_000, 20)]
    [InlineData(3000, 255)]
    public void Directories_of_many_entries_are_searched(int count, int nameBytes)
    {
        var tree = new FileTree();
        var folder = tree.EnsureDirectory("/d", default);
        for (var i = 0; i < count; i++)
            folder.Set(FileName.Of($"{i}".PadRight(nameBytes, "xyz"[i % 3])), new RegularFile { Permissions = (ushort)(i % 512) });
        ErofsJudge.Write(Image, tree);
        ErofsJudge.ShouldList(Image, tree);
    }

    /// <summary>Some are before the dots, some between them, some behind.</summary>
    [Fact]
    public void Names_are_raw_bytes()
    {
        var tree = new FileTree();
        var folder = tree.EnsureDirectory("/d", default);
        foreach (var name in new[] { "!", "-", ".!", "...", "..!", "0" })
            folder.Set(FileName.Of(name), new RegularFile());
        for (var i = 0; i < 400; i++)
        {
            var name = Enumerable.Range(0, i % 255 + 1).Select(j => (byte)(i + j * 7)).Select(b => b is 0 or (byte)'/' or (byte)'.' ? (byte)0xFF : b).ToArray();
            folder.Set(FileName.Of(name), new RegularFile());
        }
        Hold(tree);
    }

    [Fact]
    public void Files_of_more_than_4_GiB_have_data_at_both_ends()
    {
        var tree = new FileTree();
        var sparse = Ext4Trees.SparseFile((4L << 30) + 7, [(0, 5000), (1L << 31, 300_000), (1L << 32, 7)]);
        tree.Set("/sparse", sparse);
        tree.Set("/hole", Ext4Trees.SparseFile(1L << 50, []));
        var dense = new RegularFile { Content = FileContent.Of(new LateSource(4L << 30), 0, (4L << 30) + 5) };
        tree.Set("/dense", dense);
        ErofsJudge.Write(Image, tree);
        Tool.Require("dump.erofs", "--path=/dense", Image).ShouldContain("Size: 4294967301");
        (long Offset, int Length)[] places = [(0, 5000), (1L << 20, 100), ((1L << 31) - 50, 300_100), ((1L << 32) - 100, 107), ((1L << 32) - 2, 7)];
        ErofsJudge.ReadBack(Image, "sparse", places)?.ShouldBe(places.Select(p => Hex(sparse, p)));
        ErofsJudge.ReadBack(Image, "dense", places)?.ShouldBe(places.Select(p => Hex(dense, p)));
        ErofsJudge.ReadBack(Image, "hole", [(1L << 49, 3)])?.ShouldBe(["000000"]);
        new FileInfo(Image).Length.ShouldBeInRange(4L << 30, (4L << 30) + (2 << 20));
    }

    [Fact]
    public void Attributes_of_several_inodes_are_stored_once()
    {
        var tree = new FileTree();
        for (var i = 0; i < 1400; i++)
        {
            var own = new Xattr("trusted.own", [.. BitConverter.GetBytes(i), 7]);
            tree.Set($"/{i}", new RegularFile { Xattrs = [new("security.selinux", Ext4Trees.Bytes(40, i % 7)), own, new("user.long", Ext4Trees.Bytes(900, i % 3))] });
        }
        Hold(tree);
        new FileInfo(Image).Length.ShouldBeLessThan(240_000);
    }

    [Fact]
    public void Very_many_and_very_long_attributes_come_back()
    {
        var tree = new FileTree();
        tree.Set("/long", new RegularFile { Xattrs = [new("user.x", Ext4Trees.Bytes(65_535, 1))] });
        tree.Set("/alone", new RegularFile { Content = FileContent.Of(Ext4Trees.Bytes(5000, 9)), Xattrs = [new("user.x", Ext4Trees.Bytes(4000, 2)), new("user.y", Ext4Trees.Bytes(9000, 3))] });
        foreach (var name in new[] { "a", "b" })
            tree.Set($"/{name}", new RegularFile { Xattrs = [.. Enumerable.Range(0, 400).Select(i => new Xattr($"user.name{i}", Ext4Trees.Bytes(60, i)))] });
        tree.Set("/directory/x", new RegularFile());
        tree.EnsureDirectory("/directory", default).Xattrs = [new("system.posix_acl_default", Ext4Trees.Acl), new("user.x", Ext4Trees.Bytes(5000, 2))];
        tree.Set("/link", new SymbolicLink { Target = "target"u8.ToArray(), Xattrs = [new("trusted.x", Ext4Trees.Bytes(5000, 4))] });
        Hold(tree);
    }

    [Theory]
    [InlineData(ErofsCompression.None)]
    [InlineData(ErofsCompression.Lz4)]
    public void Bytes_do_not_depend_on_the_number_of_threads(ErofsCompression compression)
    {
        var tree = Ext4Trees.Random(3);
        for (var i = 0; i < 400; i++)
            tree.Set($"/big{i}", Ext4Trees.File(i % 2 == 0 ? Ext4Trees.Bytes(10_000 + i * 50, i) : Words(i * 1000, i)));
        byte[] Bytes(int threads)
        {
            ErofsJudge.Write(Image, tree, ErofsJudge.Options with { Compression = compression }, threads);
            return File.ReadAllBytes(Image);
        }
        var one = Bytes(1);
        Bytes(2).SequenceEqual(one).ShouldBeTrue();
        Bytes(7).SequenceEqual(one).ShouldBeTrue();
    }

    [Theory]
    [InlineData("superblock", 1024 + 0x10, ErofsCompression.None)]
    [InlineData("contents", 100, ErofsCompression.None)]
    [InlineData("directories", 20, ErofsCompression.None)]
    [InlineData("inodes", 64, ErofsCompression.None)]
    [InlineData("shared attributes", 20, ErofsCompression.None)]
    [InlineData("superblock", 1024 + 128 + 5, ErofsCompression.Lz4)]
    [InlineData("contents", 4000, ErofsCompression.Lz4)]
    public void Judges_say_no_to_a_flipped_byte(string region, int offset, ErofsCompression compression)
    {
        var options = ErofsJudge.Options with { Compression = compression };
        var tree = Ext4Trees.Torture();
        for (var i = 0; i < 300; i++)
            tree.Set($"/a directory of several blocks/{i}", new RegularFile());
        tree.Set("/\u0001", Ext4Trees.File(Words(50_000, 1)));
        ErofsJudge.Write(Image, tree, options);
        var writer = ErofsJudge.Open(ErofsLayout.Place(tree, options, null).Value!, compression != ErofsCompression.None, _dir["s"]);
        using var scratch = writer as IDisposable;
        var place = writer.Regions().Single(r => r.Name == region);
        ErofsJudge.ShouldHold(Image, tree);
        if (region == "shared attributes" && ErofsJudge.Mounted(Image) is null)
            return;                                                 // only the kernel reads them
        Damage.FlipBit(Image, place.OffsetBytes + offset, 0x10);
        Should.Throw<ShouldAssertException>(() => ErofsJudge.ShouldHold(Image, tree));
    }

    [Fact]
    public void The_map_has_no_gaps()
    {
        var writer = new PlainErofsWriter(Place(Ext4Trees.Torture()));
        var end = 0L;
        foreach (var region in writer.Regions())
        {
            region.OffsetBytes.ShouldBe(end, region.Name);
            end = region.EndBytes;
        }
        writer.LengthBytes.ShouldBe(end);
    }

    [Fact]
    public void A_source_that_fails_is_told_as_it_is()
    {
        var tree = new FileTree();
        tree.Set("/x", new RegularFile { Content = FileContent.Of(new MemorySource(new byte[10]), 5, 10) });
        Should.Throw<EndOfStreamException>(() => ErofsJudge.Write(Image, tree));
        File.Exists(Image).ShouldBeFalse();
    }

    public void Dispose() => _dir.Dispose();

    private static ErofsLayout Place(FileTree tree) => ErofsLayout.Place(tree, ErofsJudge.Options, null).Value!;

    private static string Hex(RegularFile file, (long Offset, int Length) place)
    {
        var bytes = new byte[place.Length];
        return Convert.ToHexStringLower(bytes.AsSpan(0, file.Content.Read(place.Offset, bytes)));
    }

    /// <summary>Words of a small language: what packs about as well as text.</summary>
    private static byte[] Words(int length, int seed)
    {
        var random = new Random(seed);
        var words = Enumerable.Range(0, 300).Select(i => Ext4Trees.Bytes(random.Next(2, 12), random.Next())).ToArray();
        var bytes = new List<byte>(length + 12);
        while (bytes.Count < length)
            bytes.AddRange(words[random.Next(words.Length)]);
        return [.. bytes.Take(length)];
    }

    private void Hold(FileTree tree, ErofsCompression compression = ErofsCompression.None)
    {
        ErofsJudge.Write(Image, tree, ErofsJudge.Options with { Compression = compression });
        ErofsJudge.ShouldHold(Image, tree);
    }

    /// <summary>Zeroes, and from a place on the numbers of the bytes.</summary>
    private sealed class LateSource(long fromByte) : ContentSource
    {
        public override void ReadExactly(long offset, Span<byte> buffer)
        {
            buffer.Clear();
            for (var at = Math.Max(0, fromByte - offset); at < buffer.Length; at++)
                buffer[(int)at] = (byte)(offset + at + 1);
        }
    }
}
