using System.Text;
using Pipeline.Core.Files;
using Pipeline.Kit;
using Pipeline.Oci.Platforms;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Building.Boot;

/// <summary>The judge is U-Boot's own <c>dumpimage</c>, and <c>mkimage</c> makes the same bytes.</summary>
public sealed class UImageTests
{
    private const string Text = "echo one\nbooti ${kernel_addr_r}\n";
    private static readonly UnixTime Clock = new(1_700_000_000);

    [Theory]
    [InlineData("arm64", "arm64", "AArch64")]
    [InlineData("arm", "arm", "ARM")]
    [InlineData("riscv64", "riscv", "RISC-V")]
    public void Bytes_are_those_of_mkimage(string architecture, string theirs, string shown)
    {
        using var temp = new TempDir();
        var image = UImage.Script(Text, "boot.scr", new Platform("linux", architecture, null), Clock);
        File.WriteAllBytes(temp["ours"], image);
        File.WriteAllText(temp["text"], Text);
        Tool.Require("bash", "-c", $"SOURCE_DATE_EPOCH=1700000000 mkimage -A {theirs} -O linux -T script -C none -n boot.scr -d {temp["text"]} {temp["theirs"]}");

        image.SequenceEqual(File.ReadAllBytes(temp["theirs"])).ShouldBeTrue(Tool.Run("dumpimage", "-l", temp["ours"]).Output);
        var listed = Tool.Require("dumpimage", "-l", temp["ours"]);
        listed.ShouldContain($"Image Type:   {shown} Linux Script (uncompressed)");
        Tool.Require("dumpimage", "-T", "script", "-p", "0", "-o", temp["out"], temp["ours"]);
        File.ReadAllText(temp["out"]).ShouldEndWith(Text);
    }

    [Theory]
    [InlineData(9)]
    [InlineData(70)]
    public void Dumpimage_refuses_a_flipped_bit(int at)
    {
        using var temp = new TempDir();
        var image = UImage.Script(Text, "boot.scr", new Platform("linux", "arm64", null), Clock);
        image[at] ^= 1;
        File.WriteAllBytes(temp["ours"], image);

        Tool.Run("dumpimage", "-l", temp["ours"]).Output.ShouldNotContain("Linux Script");
    }

    [Fact]
    public void A_long_name_is_cut()
    {
        var image = UImage.Script(Text, new string('n', 40), new Platform("linux", "arm64", null), Clock);

        Encoding.ASCII.GetString(image, 32, 32).ShouldBe(new string('n', 31) + "\0");
    }
}
