using Pipeline.Core.Files;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Disk.Iso;

public sealed class IsoLayoutTests
{
    [Theory]
    [InlineData("", "is empty")]
    [InlineData("123456789012345678901234567890123", "has 33 characters")]
    [InlineData("two words", "has the character ' '")]
    [InlineData("Größe", "has the character 'ö'")]
    [InlineData("a/b", "has the character '/'")]
    [InlineData("a\0b", "has the character U+0000")]
    [InlineData("Fedora-S-dvd-x86_64-42.1+2", null)]
    [InlineData("12345678901234567890123456789012", null)]
    public void Labels_are_checked(string label, string? problem)
    {
        var placed = IsoLayout.Place(new FileTree(), IsoJudge.Options with { VolumeId = label }, null);
        if (problem is null)
            placed.IsOk.ShouldBeTrue();
        else
            placed.Diagnostics.ShouldHaveSingleItem().ToString().ShouldBe($"error PL4601: the label '{label}' of the ISO {problem}; expected 1 to 32 characters of A-Z a-z 0-9 _ - . +");
    }

    [Fact]
    public void What_no_iso_holds_is_refused_all_at_once()
    {
        var tree = new FileTree();
        tree.Set("/link", new SymbolicLink { Target = new byte[5000] });
        tree.Root.Set(FileName.Of(new string('n', 256)), Ext4Trees.File([1]));
        tree.Set("/huge", Ext4Trees.SparseFile(500L << 30, []));
        var placed = IsoLayout.Place(tree, IsoJudge.Options, null);
        placed.IsOk.ShouldBeFalse();
        placed.Diagnostics.Select(d => d.Rule).ShouldBe([IsoRules.FileTooLong, IsoRules.BadTarget, IsoRules.BadName], ignoreOrder: true);
    }

    [Fact]
    public void Too_many_directories_are_refused()
    {
        var tree = new FileTree();
        for (var i = 0; i < 65535; i++)
            tree.Root.Set(FileName.Of($"{i}"), FileTree.NewDirectory(default));
        IsoLayout.Place(tree, IsoJudge.Options, null).Diagnostics.ShouldHaveSingleItem().Message.ShouldBe(
            "the ISO has 65536 directories, and its path tables hold 65535; put fewer beside the root file system");
    }

    [Fact]
    public void An_iso_beyond_its_block_numbers_is_refused()
    {
        var tree = new FileTree();
        for (var i = 0; i < 12; i++)
            tree.Set($"/{i}", Ext4Trees.SparseFile(390L << 30, []));
        IsoLayout.Place(tree, IsoJudge.Options, null).Diagnostics.ShouldHaveSingleItem().Rule.ShouldBe(IsoRules.TooLarge);
    }

    [Fact]
    public void Attributes_that_are_lost_are_told()
    {
        var tree = new FileTree();
        tree.Set("/ping", Ext4Trees.File([1]));
        tree.Find("/ping")!.Xattrs = [new("user.a", [1])];
        var placed = IsoLayout.Place(tree, IsoJudge.Options, null);
        placed.IsOk.ShouldBeTrue();
        placed.Diagnostics.ShouldHaveSingleItem().Message.ShouldStartWith("1 files of the ISO have extended attributes");
    }

    [Theory]
    [InlineData("missing", 0, "there is no such file")]
    [InlineData("short", 100, "it has 100 bytes, expected 2556 to 4194304")]
    [InlineData("long", 5 << 20, "it has 5242880 bytes, expected 2556 to 4194304")]
    public void Boot_images_for_a_bios_are_checked(string name, int length, string problem)
    {
        var tree = new FileTree();
        if (length > 0)
            tree.Set("/" + name, Ext4Trees.File(new byte[length]));
        var placed = IsoLayout.Place(tree, IsoJudge.Options with { Bios = new("/" + name, IsGrub: true) }, null);
        placed.Diagnostics.ShouldHaveSingleItem().Message.ShouldBe($"'/{name}' cannot be a boot image of the ISO: {problem}");
    }

    [Fact]
    public void Images_for_uefi_and_boot_code_are_checked()
    {
        var tree = new FileTree();
        tree.Set("/efi", Ext4Trees.File(new byte[1000]));
        var placed = IsoLayout.Place(tree, IsoJudge.Options with { EfiImagePath = "/efi", Table = IsoJudge.Table with { HybridBootCode = new byte[440] } }, null);
        placed.Diagnostics.Select(d => d.Message).ShouldBe(
        [
            "'boot_hybrid.img' cannot be a boot image of the ISO: it has 440 bytes, expected one sector of 512",
            "'/efi' cannot be a boot image of the ISO: it has 1000 bytes, expected a multiple of 512",
        ], ignoreOrder: true);
    }
}
