using Pipeline.Engine.Building.Live.Initrds;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Building.Live;

public sealed class LiveArgumentsTests
{
    private static readonly LiveMedium Stick = new("PARTLABEL=C2BOOT") { Directory = "/container2boot" };
    private static readonly LiveMedium Net = new("http://10.0.2.2/kiosk.squashfs");

    [Fact]
    public void A_stick_for_dracut() =>
        Dracut(Stick).ShouldBe("root=live:PARTLABEL=C2BOOT rd.live.dir=/container2boot rd.live.image rd.live.overlay.overlayfs=1 rd.live.overlay.readonly");

    [Fact]
    public void A_partition_of_its_own_for_dracut() =>
        Dracut(new("PARTLABEL=root")).ShouldBe("root=live:PARTLABEL=root rd.live.image rd.live.overlay.overlayfs=1 rd.live.overlay.readonly");

    [Fact]
    public void A_cd_for_dracut_where_it_looks_anyway() =>
        Dracut(new("CDLABEL=KIOSK") { Directory = "/LiveOS", FileName = "root.img" }).ShouldBe("root=live:CDLABEL=KIOSK rd.live.squashimg=root.img rd.live.image rd.live.overlay.overlayfs=1 rd.live.overlay.readonly");

    [Fact]
    public void A_network_for_dracut() =>
        Dracut(Net).ShouldBe("root=live:http://10.0.2.2/kiosk.squashfs rd.live.image rd.neednet=1 ip=dhcp rd.live.overlay.overlayfs=1 rd.live.overlay.readonly");

    [Fact]
    public void What_is_kept_for_dracut() =>
        Dracut(Stick with { Persistence = "PARTLABEL=keep" }).ShouldEndWith("rd.live.image rd.live.overlay.overlayfs=1 rd.live.overlay=PARTLABEL=keep:/overlay");

    [Theory]
    [InlineData(nameof(InitrdFamily.Dracut))]
    [InlineData(nameof(InitrdFamily.Other))]
    public void A_root_that_systemd_mounts(string family)
    {
        var medium = new LiveMedium("/dev/mapper/root") { MountedType = "erofs", Further = ["roothash=ab"] };
        Of("quiet").ShouldBe("root=/dev/mapper/root rootfstype=erofs ro systemd.volatile=overlay roothash=ab quiet");
        Of("systemd.volatile=state").ShouldBe("root=/dev/mapper/root rootfstype=erofs ro roothash=ab systemd.volatile=state");

        string Of(string given) => string.Join(' ', LiveArguments.Of(Enum.Parse<InitrdFamily>(family), medium, [given]));
    }

    [Fact]
    public void The_same_for_live_boot()
    {
        LiveBoot(Stick with { Persistence = "PARTLABEL=keep" }).ShouldBe("boot=live live-media=/dev/disk/by-partlabel/C2BOOT live-media-path=/container2boot persistence");
        LiveBoot(new("CDLABEL=KIOSK") { Directory = "/LiveOS" }).ShouldBe("boot=live live-media=/dev/disk/by-label/KIOSK live-media-path=/LiveOS");
        LiveBoot(Net).ShouldBe("boot=live fetch=http://10.0.2.2/kiosk.squashfs ip=dhcp");
    }

    [Fact]
    public void What_was_written_down_has_the_last_word()
    {
        Dracut(Net, "quiet", "ip=eth0:dhcp").ShouldBe("root=live:http://10.0.2.2/kiosk.squashfs rd.live.image rd.neednet=1 rd.live.overlay.overlayfs=1 rd.live.overlay.readonly quiet ip=eth0:dhcp");
        Dracut(Stick, "root=/dev/sda1", "quiet").ShouldBe("root=/dev/sda1 quiet");
        string.Join(' ', LiveArguments.Of(InitrdFamily.Other, Stick, ["root=mine"])).ShouldBe("root=mine");
    }

    private static string Dracut(LiveMedium medium, params string[] given) => string.Join(' ', LiveArguments.Of(InitrdFamily.Dracut, medium, given));

    private static string LiveBoot(LiveMedium medium) => string.Join(' ', LiveArguments.Of(InitrdFamily.LiveBoot, medium, []));
}
