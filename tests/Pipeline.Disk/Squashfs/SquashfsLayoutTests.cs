using Pipeline.Core.Files;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Disk.Squashfs;

public sealed class SquashfsLayoutTests
{
    [Fact]
    public void Every_mistake_is_told_with_its_path()
    {
        var tree = new FileTree();
        tree.Root.Set(FileName.Of(new string('n', 256)), new RegularFile());
        tree.Root.Set(FileName.Of(".."), new RegularFile());
        tree.Set("/a/long", Ext4Trees.Link(new string('t', 4096)));
        tree.Set("/a/none", Ext4Trees.Link(""));
        tree.Set("/major", Ext4Trees.Special(SpecialKind.BlockDevice, 4096, 0));
        tree.Set("/minor", Ext4Trees.Special(SpecialKind.CharacterDevice, 0, 1 << 20));
        tree.Set("/huge", Ext4Trees.SparseFile(1L << 50, []));
        tree.Set("/acl", new RegularFile { Xattrs = [new("system.posix_acl_access", Ext4Trees.Acl)] });
        tree.Set("/name", new RegularFile { Xattrs = [new("user.", [1])] });
        tree.Set("/value", new RegularFile { Xattrs = [new("user.v", new byte[(1 << 16) + 1])] });

        var result = SquashfsLayout.Place(tree, SquashfsJudge.Options, null);

        result.IsOk.ShouldBeFalse();
        Golden.Match("mistakes.txt", string.Concat(result.Diagnostics.Select(d => d + "\n")));
    }

    [Fact]
    public void Warnings_leave_a_layout()
    {
        var tree = new FileTree();
        tree.Set("/acl", new RegularFile { Xattrs = [new("system.posix_acl_access", Ext4Trees.Acl)] });
        var result = SquashfsLayout.Place(tree, SquashfsJudge.Options, null);
        result.IsOk.ShouldBeTrue();
        result.Diagnostics.ShouldHaveSingleItem().Rule.ShouldBe(SquashfsRules.ForeignXattr);
    }

    [Theory]
    [InlineData(65_535, true)]
    [InlineData(65_536, false)]
    public void Owners_and_groups_are_counted_together(int count, bool isOk)
    {
        var tree = new FileTree();
        for (var i = 1; i < count; i++)
            tree.Root.Set(FileName.Of($"{i}"), new RegularFile { Uid = i % 2 == 0 ? (uint)i : 0, Gid = i % 2 == 1 ? (uint)i + 1_000_000 : 0 });
        var result = SquashfsLayout.Place(tree, SquashfsJudge.Options, null);
        result.IsOk.ShouldBe(isOk);
        if (!isOk)
            result.Diagnostics.ShouldHaveSingleItem().Rule.ShouldBe(SquashfsRules.TooManyIds);
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        using var dir = new TempDir();
        var tree = new FileTree();
        tree.Set("/x", Ext4Trees.File(Ext4Trees.Bytes(10_000, 1)));
        var layout = SquashfsLayout.Place(tree, SquashfsJudge.Options with { MaxLengthBytes = 8192 }, null).Value!;
        var packed = SquashfsWriter.Pack(layout, SquashfsJudge.Context(dir["s"]), CancellationToken.None);
        packed.Diagnostics.ShouldHaveSingleItem().ToString().ShouldBe(
            "error PL4501: the squashfs needs 12288 bytes for its content, and 8192 are given; make the partition larger by 4096 bytes, or leave its size out");
    }

    [Theory]
    [InlineData(2048)]
    [InlineData(2 << 20)]
    [InlineData(100_000)]
    public void Block_sizes_that_no_reader_takes_are_a_bug_of_the_caller(int blockBytes) =>
        Should.Throw<ArgumentException>(() => SquashfsLayout.Place(new FileTree(), SquashfsJudge.Options with { BlockBytes = blockBytes }, null));
}
