using Pipeline.Core.Files;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Disk.Erofs;

public sealed class ErofsLayoutTests
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
        tree.Set("/acl", new RegularFile { Xattrs = [new("system.posix_acl_access", [1, 2, 3])] });
        tree.Set("/foreign", new RegularFile { Xattrs = [new("system.nfs4_acl", [1])] });
        tree.Set("/name", new RegularFile { Xattrs = [new("user.", [1])] });
        tree.Set("/value", new RegularFile { Xattrs = [new("user.v", new byte[1 << 16])] });
        tree.Set("/many", new RegularFile { Xattrs = [.. Enumerable.Range(0, 5).Select(i => new Xattr($"user.{i}", new byte[60_000]))] });

        var result = ErofsLayout.Place(tree, ErofsJudge.Options with { Label = "ein langer Name ä" }, null);

        result.IsOk.ShouldBeFalse();
        Golden.Match("mistakes.txt", string.Concat(result.Diagnostics.Select(d => d + "\n")));
    }

    [Fact]
    public void Warnings_leave_a_layout()
    {
        var tree = new FileTree();
        tree.Set("/x", new RegularFile { Xattrs = [new("system.nfs4_acl", [1])] });
        var result = ErofsLayout.Place(tree, ErofsJudge.Options, null);
        result.IsOk.ShouldBeTrue();
        result.Diagnostics.ShouldHaveSingleItem().Rule.ShouldBe(ErofsRules.ForeignXattr);
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        var tree = new FileTree();
        tree.Set("/x", Ext4Trees.File(Ext4Trees.Bytes(10_000, 1)));
        ErofsLayout.Place(tree, ErofsJudge.Options with { MaxLengthBytes = 16_384 }, null).IsOk.ShouldBeTrue();
        ErofsLayout.Place(tree, ErofsJudge.Options with { MaxLengthBytes = 16_383 }, null).Diagnostics.ShouldHaveSingleItem().ToString().ShouldBe(
            "error PL4551: the erofs needs 16384 bytes for its content, and 16383 are given; make the partition larger by 1 bytes, or leave its size out");
    }

    [Fact]
    public void Blocks_that_32_bits_cannot_count_are_refused()
    {
        var tree = new FileTree();
        tree.Set("/x", new RegularFile { Content = FileContent.Of(new MemorySource([]), 0, 1L << 44) });
        ErofsLayout.Place(tree, ErofsJudge.Options, null).Diagnostics.ShouldHaveSingleItem().Rule.ShouldBe(ErofsRules.TooLarge);
    }
}
