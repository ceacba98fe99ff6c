using System.Text;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Building.Isos;

public sealed class IsoConfigReaderTests
{
    private readonly DiagnosticBag _bag = new();

    [Fact]
    public void Every_key_of_the_contract_is_read()
    {
        var config = Read("""
            label: Bluefin-Live
            grub2:
              default: 1
              timeout: 10
              entries:
                - name: Install
                  linux: ${kernelpath} root=live:CDLABEL=${isolabel} rd.live.image
                  initrd: ${initrdpath}
                - {name: Rescue, linux: /images/pxeboot/vmlinuz single, initrd: /images/pxeboot/initrd.img}
            kernel_args: [quiet, "a b=\"c d\""]
            """);
        _bag.Count.ShouldBe(0);
        config.Label!.Value.ToString().ShouldContain("Bluefin-Live");
        (config.Default, config.Timeout).ShouldBe((1, 10));
        config.Entries.Select(e => e with { Span = null }).ShouldBe(
        [
            new("Install", "${kernelpath} root=live:CDLABEL=${isolabel} rd.live.image", "${initrdpath}"),
            new("Rescue", "/images/pxeboot/vmlinuz single", "/images/pxeboot/initrd.img"),
        ]);
        config.KernelArguments.ShouldBe(["quiet", "a", "b=\"c d\""]);
    }

    /// <summary>The contract describes both as texts.</summary>
    [Fact]
    public void Numbers_may_stand_in_quotes()
    {
        var config = Read("grub2: {default: \"1\", timeout: '10', entries: [{name: a, linux: b, initrd: c}, {name: d, linux: e, initrd: f}]}");
        (config.Default, config.Timeout).ShouldBe((1, 10));
        _bag.Count.ShouldBe(0);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \n\n")]
    [InlineData("label:\ngrub2:\nkernel_args:\n")]
    public void What_is_empty_says_nothing(string text)
    {
        var config = Read(text);
        _bag.Count.ShouldBe(0);
        (config.Label, config.Default, config.Timeout).ShouldBe((null, 0, null));
        config.Entries.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("label: two words", "1:8", "PL4943", "has the character ' '")]
    [InlineData("label: [a]", "1:8", "PL4942", "label is a list; expected a text")]
    [InlineData("- a", "1:1", "PL4942", "iso.yaml is a list; expected a map")]
    [InlineData("grub2: {default: 1}", "1:18", "PL4942", "expected a number from 0 to 0")]
    [InlineData("grub2: {timeout: -1}", "1:18", "PL4942", "grub2.timeout is the number -1")]
    [InlineData("grub2:\n  entries: nothing", "2:12", "PL4942", "entries is the text 'nothing'; expected a list")]
    [InlineData("grub2: {entries: [{name: a, linux: b}]}", "1:19", "PL4942", "grub2.entries[0].initrd is missing; expected a text")]
    [InlineData("grub2: {entries: [{name: a, linux: \"b\\nreboot\", initrd: c}]}", "1:36", "PL4942", "expected one line of 1 to 4096 characters")]
    [InlineData("grub2: {entries: [7]}", "1:19", "PL4942", "grub2.entries[0] is the number 7")]
    [InlineData("kernel_args: quiet", "1:14", "PL4942", "expected a list of texts")]
    [InlineData("kernel_args: [[a]]", "1:15", "PL4942", "expected a list of texts")]
    [InlineData("grub2: {colour: red}", "1:9", "PL4941", "the key 'colour' is not known")]
    [InlineData("label: 'a", "1:8", "PL1002", "")]
    public void Each_mistake_has_its_place(string text, string place, string code, string said)
    {
        Read(text);
        var found = _bag.ToImmutable().ShouldHaveSingleItem();
        found.Span!.ToString().ShouldBe("(container)/usr/lib/image-builder/bootc/iso.yaml:" + place, found.ToString());
        found.Rule.Code.ShouldBe(code);
        found.Message.ShouldContain(said);
    }

    [Fact]
    public void The_newer_place_counts_and_one_that_is_too_long_is_refused()
    {
        var tree = new FileTree();
        new IsoConfigReader(_bag).Read(tree, null).ShouldBe(IsoConfig.None);
        tree.Set("/usr/lib/bootc-image-builder/iso.yaml", Ext4Trees.File("label: OLD"u8.ToArray()));
        new IsoConfigReader(_bag).Read(tree, null).Label!.Value.Value.ShouldBe("OLD");
        tree.Set("/usr/lib/image-builder/bootc/iso.yaml", Ext4Trees.File("label: NEW"u8.ToArray()));
        new IsoConfigReader(_bag).Read(tree, null).Label!.Value.Value.ShouldBe("NEW");
        _bag.Count.ShouldBe(0);
        tree.Set("/usr/lib/image-builder/bootc/iso.yaml", Ext4Trees.File(new byte[2 << 20]));
        new IsoConfigReader(_bag).Read(tree, null);
        _bag.ToImmutable().ShouldHaveSingleItem().Rule.ShouldBe(IsoBuildRules.ConfigTooLong);
    }

    private IsoConfig Read(string text)
    {
        var tree = new FileTree();
        tree.Set("/usr/lib/image-builder/bootc/iso.yaml", Ext4Trees.File(Encoding.UTF8.GetBytes(text)));
        return new IsoConfigReader(_bag).Read(tree, null);
    }
}
