using Pipeline.Core.Files;
using Pipeline.Engine.Building.Live.Initrds;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Kit;
using Shouldly;
using Xunit;
using Made = Pipeline.Kit.Initrds;

namespace Pipeline.Engine.Building.Live;

public sealed class LiveSystemTests
{
    [Fact]
    public void Kernels_come_newest_first_each_with_its_own_initrd_and_never_a_rescue_one()
    {
        using var build = new LiveBuild();
        build.Initrd("/usr/lib/modules/6.1.9/initramfs.img", Made.DracutLive).Initrd("/boot/initramfs-6.1.10.img", Made.DracutLive)
            .Initrd("/boot/initramfs-0-rescue-abc.img", Made.DracutLive)
            .With("/usr/lib/modules/6.1.9/vmlinuz", "/boot/vmlinuz-6.1.10", "/boot/vmlinuz-0-rescue-abc", "/boot/vmlinuz-6.2.0");

        using var system = build.Make()!;

        system.Kernels.Select(k => (k.Version, k.InitrdPath)).ShouldBe([("6.1.10", "/boot/initramfs-6.1.10.img"), ("6.1.9", "/usr/lib/modules/6.1.9/initramfs.img")]);
        system.Kernels[0].Image.ReadAll(100).ShouldBe("/boot/vmlinuz-6.1.10"u8.ToArray());
        build.Codes.ShouldBe(["PL4902"]);
    }

    [Fact]
    public void Nothing_of_the_board_is_mounted_and_the_manifest_is_applied()
    {
        using var build = new LiveBuild { Customization = new() { Hostname = "kiosk", KernelArguments = ["quiet"] } };
        build.Kernel(Made.LiveBoot);

        using var system = build.Make()!;

        build.Text("/etc/fstab").ShouldBe("# Written from the layout of the disk.\n");
        build.Text("/etc/hostname").ShouldBe("kiosk\n");
        string.Join(' ', system.Arguments(system.Kernels[0], new("LABEL=X"))).ShouldBe("boot=live live-media=/dev/disk/by-label/X live-media-path=/ console=ttyS0 quiet");
    }

    [Fact]
    public void A_second_family_is_left_out()
    {
        using var build = new LiveBuild();
        build.Kernel(Made.DracutLive).Initrd("/boot/initrd.img-5.10", Made.LiveBoot).With("/boot/vmlinuz-5.10");

        using var system = build.Make()!;

        system.Kernels.Single().Facts.Family.ShouldBe(InitrdFamily.Dracut);
        build.Codes.ShouldBe(["PL4905"]);
    }

    [Fact]
    public void What_cannot_start_a_live_system_is_refused()
    {
        using var none = new LiveBuild();
        none.With("/boot/vmlinuz-6.1").Make().ShouldBeNull();
        none.Codes.ShouldBe(["PL4902", "PL4901"]);

        using var other = new LiveBuild();
        other.Kernel(["init", "scripts/functions"]).Make().ShouldBeNull();
        other.Codes.ShouldBe(["PL4904"]);

        using var damaged = new LiveBuild();
        damaged.With(("/boot/vmlinuz-6.1", "kernel"), ("/boot/initrd.img-6.1", "no initrd")).Make().ShouldBeNull();
        damaged.Codes.ShouldBe(["PL4903"]);
    }

    [Fact]
    public void Who_says_his_own_root_may_have_any_initrd()
    {
        using var build = new LiveBuild { Customization = new() { KernelArguments = ["root=mine"] } };
        build.Kernel(["init"]);

        using var system = build.Make()!;

        string.Join(' ', system.Arguments(system.Kernels[0], new("LABEL=X"))).ShouldBe("console=ttyS0 root=mine");
    }

    [Fact]
    public void The_root_is_labelled_and_loses_only_what_is_excluded()
    {
        using var build = new LiveBuild { Live = new() { Exclude = ["/boot/*", "/nothing"], Packing = new(Core.Compression.CompressionKind.Gzip, 1, null) } };
        build.Kernel(Made.DracutLive).With(
            ("/etc/selinux/config", "SELINUX=enforcing\nSELINUXTYPE=targeted\n"),
            ("/etc/selinux/targeted/contexts/files/file_contexts", "/.*  system_u:object_r:default_t:s0\n"),
            ("/boot/config", "x"), ("/var/lib/rpm/rpmdb.sqlite", "packages"));
        using var system = build.Make()!;

        using var root = LiveRoot.Pack(system, CancellationToken.None)!;

        build.Codes.ShouldBe(["PL4907"]);
        var file = build["root.squashfs"];
        File.WriteAllBytes(file, root.Content.ReadAll(1 << 20));
        var listed = Tool.Require("unsquashfs", "-lls", file);
        listed.ShouldContain("squashfs-root/boot\n");
        listed.ShouldNotContain("/boot/config");
        listed.ShouldContain("/var/lib/rpm/rpmdb.sqlite");
        Tool.Require("unsquashfs", "-s", file).ShouldContain("Compression gzip");
        Tool.Require("rdsquashfs", "-x", "/etc/hostname", file).ShouldContain("security.selinux=system_u:object_r:default_t:s0");
    }

    [Fact]
    public void A_root_of_nothing_is_refused()
    {
        using var build = new LiveBuild { Live = new() { Exclude = ["/**"] } };
        build.Kernel(Made.DracutLive);
        using var system = build.Make()!;

        LiveRoot.Pack(system, CancellationToken.None).ShouldBeNull();
        build.Codes.ShouldBe(["PL4909"]);
    }

    [Theory]
    [InlineData(false, "PL4908")]
    [InlineData(true, "")]
    public void The_root_can_be_an_erofs(bool hasRoot, string said)
    {
        using var build = new LiveBuild
        {
            Live = new() { Root = LiveRootKind.Erofs },
            Customization = new() { KernelArguments = hasRoot ? ["root=live:/dev/sr0"] : [] },
        };
        build.Tree.Set("/usr/share/words", Ext4Trees.File(new byte[100_000]));
        using var system = build.Kernel(Made.DracutLive).Make()!;

        using var root = LiveRoot.Pack(system, CancellationToken.None)!;

        build.Codes.ShouldBe(said.Length > 0 ? [said] : []);
        File.WriteAllBytes(build["root.erofs"], root.Content.ReadAll(1 << 20));
        ErofsJudge.ShouldHold(build["root.erofs"], system.Tree);
        Tool.Require("dump.erofs", "--path=/usr/share/words", build["root.erofs"]).ShouldContain("Layout: 1 ");
    }
}
