using Shouldly;
using Xunit;

namespace Pipeline.Engine.Building.Isos;

public sealed class IsoMenuCheckTests
{
    private const string Kernel = "/images/pxeboot/vmlinuz";
    private const string Initrd = "/images/pxeboot/initrd.img";

    [Theory]
    [InlineData(Kernel + " root=live:CDLABEL=KIOSK quiet", Initrd)]
    [InlineData(Kernel + " root=/dev/sda1", Initrd + " " + Initrd)]
    [InlineData("\"" + Kernel + "\" inst.stage2=hd:LABEL=KIOSK:/images", "($root)" + Initrd)]
    [InlineData("$prefix/vmlinuz root=live:LABEL=$label", "${prefix}/initrd")]
    [InlineData(Kernel + " root=live:PARTLABEL=OTHER inst.repo=https://mirror.example/", Initrd)]
    public void What_may_start_is_left_alone(string linux, string initrd) => Problem(linux, initrd).ShouldBeNull();

    [Theory]
    [InlineData("/boot/vmlinuz quiet", Initrd, "the ISO has no /boot/vmlinuz;")]
    [InlineData(Kernel, Initrd + " /boot/initrd.img", "the ISO has no /boot/initrd.img;")]
    [InlineData("images/pxeboot/vmlinuz", Initrd, "the ISO has no images/pxeboot/vmlinuz;")]
    [InlineData("${kernel} quiet", Initrd, "the ISO has no ${kernel};")]
    [InlineData(Kernel + " root=live:CDLABEL=OTHER", Initrd, "it looks for a medium called 'OTHER', and this one is called 'KIOSK'; write ${isolabel}")]
    [InlineData(Kernel + " inst.stage2=hd:LABEL=OTHER:/images", Initrd, "it looks for a medium called 'OTHER'")]
    public void What_finds_nothing_is_told(string linux, string initrd, string told) => Problem(linux, initrd)!.ShouldStartWith(told);

    [Fact]
    public void A_root_that_comes_behind_has_the_last_word() =>
        new IsoMenuCheck(_ => true, "KIOSK").Problem(Kernel + " root=live:CDLABEL=OTHER", Initrd, isRootGiven: true).ShouldBeNull();

    private static string? Problem(string linux, string initrd) => new IsoMenuCheck(p => p is Kernel or Initrd, "KIOSK").Problem(linux, initrd, false);
}
