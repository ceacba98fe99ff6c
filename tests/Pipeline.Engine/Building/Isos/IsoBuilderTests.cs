using System.Text;
using Pipeline.Core.Compression;
using Pipeline.Core.Files;
using Pipeline.Core.Units;
using Pipeline.Engine.Building.Disks;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Kit;
using Shouldly;
using Xunit;
using Made = Pipeline.Kit.Initrds;

namespace Pipeline.Engine.Building.Isos;

public sealed class IsoBuilderTests
{
    private static readonly LiveOptions Plain = new() { Packing = new(CompressionKind.Gzip, 1, null) };
    private static readonly string[] Shim = ["/boot/efi/EFI/debian/shimx64.efi", "/boot/efi/EFI/debian/grubx64.efi", "/boot/efi/EFI/debian/mmx64.efi", "/boot/efi/EFI/debian/gcdx64.efi"];

    /// <summary>As the contract's examples for Debian: a version where there is none, the kernel among the modules, a stub for bootc.</summary>
    [Fact]
    public void The_contracts_example_gives_the_contracts_iso()
    {
        using var build = new LiveBuild(kind: OutputKind.Iso) { Live = Plain };
        WithGrub(build.Kernel(Made.DracutLive)).With(Shim).With(
            ("/etc/os-release", "PRETTY_NAME=\"Debian GNU/Linux trixie/sid\"\nNAME=\"Debian GNU/Linux\"\nID=debian\nVERSION_ID=42\n"),
            ("/usr/bin/bootc", "#!/bin/sh\necho '{\"filesystem\": {\"root\": {\"type\": \"ext4\"}}}'\n"),
            ("/usr/lib/bootc-image-builder/iso.yaml", """
                label: "Debian-Live"
                grub2:
                  timeout: 10
                  entries:
                    - name: "Debian's own ${product} ${version}"
                      linux: "${kernelpath} quiet rhgb root=live:CDLABEL=${isolabel} enforcing=0 rd.live.image"
                      initrd: "${initrdpath}"
                    - name: "Debug"
                      linux: "${kernelpath} ${root} debug"
                      initrd: "/images/pxeboot/initrd.img"
                """), ("/var/lib/dpkg/status", "Package: base-files\n"), ("/usr/share/grub/unicode.pf2", "font"));

        var iso = Make(build);

        Path.GetFileName(iso).ShouldBe("kiosk-box.iso");
        build.Codes.ShouldBeEmpty();
        var listed = IsoJudge.Listed(iso, "-R").Where(p => !p.StartsWith("/boot/grub2/i386-pc/", StringComparison.Ordinal)).ToList();
        Golden.Match("contract.txt", string.Join('\n', listed) + "\n== grub.cfg\n" + Read(iso, "/EFI/BOOT/grub.cfg") + "== .discinfo\n" + Read(iso, "/.discinfo"));
        Read(iso, "/boot/grub2/grub.cfg").ShouldBe(Read(iso, "/EFI/BOOT/grub.cfg"));
        foreach (var (name, from) in new[] { ("BOOTX64.EFI", "shimx64.efi"), ("grubx64.efi", "gcdx64.efi"), ("mmx64.efi", "mmx64.efi") })
            Read(iso, "/EFI/BOOT/" + name).ShouldBe("/boot/efi/EFI/debian/" + from);
        foreach (var module in new[] { "normal.mod", "search.mod", "iso9660.mod", "moddep.lst" })
            Tool.Require("isoinfo", "-R", "-f", "-i", iso).ShouldContain($"/boot/grub2/i386-pc/{module}\n");
        ShouldBeSound(iso, "Debian-Live");
        var root = Squash(build, iso, "/LiveOS/squashfs.img");
        root.ShouldContain("/usr/bin/bootc");
        root.ShouldContain("/var/lib/dpkg/status", customMessage: "the package database stays");
    }

    [Fact]
    public void The_uefi_image_has_what_the_iso_has()
    {
        using var build = new LiveBuild(kind: OutputKind.Iso) { Live = Plain };
        var iso = Make(WithGrub(build.Kernel(Made.DracutLive)).With(Shim));
        var image = Efi(build, iso);
        FatJudge.Complaints(image).ShouldBeEmpty();
        var files = FatJudge.CopyOut(image);
        foreach (var path in IsoJudge.Listed(iso, "-R").Where(p => p.StartsWith("/EFI/", StringComparison.Ordinal) && files[p].Content is not null))
            Encoding.UTF8.GetString(files[path].Content!).ShouldBe(Read(iso, path), path);
        files.Keys.ShouldContain("/boot/grub/grub.cfg");
        new FileInfo(image).Length.ShouldBeLessThan(1 << 20, "it is as large as its files need");
    }

    [Fact]
    public void Threads_do_not_change_a_byte()
    {
        // One initrd for both: the archiver puts the time of day into it.
        var initrd = Made.Packed("gzip -n", Made.Cpio(Made.DracutLive));
        using var one = Build();
        using var many = Build();
        Tool.Run("cmp", Make(one, parallelism: 1), Make(many, parallelism: 8)).Output.ShouldBeEmpty();

        LiveBuild Build() => WithGrub(new LiveBuild(kind: OutputKind.Iso) { Live = Plain with { Persistence = ByteSize.MiB(8) } })
            .With(Shim).With("/usr/lib/modules/6.1/vmlinuz").Set("/usr/lib/modules/6.1/initramfs.img", initrd)
            .Set("/usr/share/blob", Ext4Trees.Bytes(3_000_000, 4));
    }

    /// <summary>No VERSION_ID, no bootc, no rpm, nothing for a BIOS, no iso.yaml; and nobody switches SELinux off.</summary>
    [Theory]
    [InlineData("linux/amd64", "x64", "x86_64")]
    [InlineData("linux/arm64", "aa64", "aarch64")]
    [InlineData("linux/riscv64", "riscv64", "riscv64")]
    public void Nothing_else_is_needed_of_a_container(string platform, string suffix, string name)
    {
        using var build = new LiveBuild(platform, OutputKind.Iso) { Live = Plain };
        var iso = Make(build.Kernel(Made.DracutLive).With($"/boot/efi/EFI/some/grub{suffix}.efi"));
        ShouldBeSound(iso, $"Container-Installer-{name}", hasBios: false);
        Read(iso, $"/EFI/BOOT/BOOT{suffix.ToUpperInvariant()}.EFI").ShouldBe($"/boot/efi/EFI/some/grub{suffix}.efi");
        Read(iso, "/EFI/some/grub.cfg").ShouldContain($"linux /images/pxeboot/vmlinuz root=live:CDLABEL=Container-Installer-{name} rd.live.image rd.live.overlay.overlayfs=1 rd.live.overlay.readonly console=ttyS0\n");
        Read(iso, "/EFI/BOOT/grub.cfg").ShouldNotContain("enforcing");
        Read(iso, "/.discinfo").ShouldBe($"1700000000.000000\nkiosk\n{name}\n");
    }

    [Fact]
    public void Each_kernel_has_a_line_in_the_menu_and_arguments_of_the_container_come_last()
    {
        using var build = new LiveBuild(kind: OutputKind.Iso) { Live = Plain with { Label = "MENU" }, Customization = new() { KernelArguments = ["motd=a$b"] } };
        build.Kernel(Made.DracutLive).With("/usr/lib/modules/6.12/vmlinuz").Initrd("/usr/lib/modules/6.12/initramfs.img", Made.DracutLive)
            .With(Shim).With(("/usr/lib/image-builder/bootc/iso.yaml", "label: NOT-THIS\nkernel_args: [quiet, root=no]\n"));
        var menu = Read(Make(build), "/EFI/BOOT/grub.cfg");
        Golden.Match("menu.cfg", menu);
    }

    [Fact]
    public void Arguments_behind_a_containers_entry_keep_their_order_for_the_last_console_is_the_systems()
    {
        using var build = new LiveBuild(kind: OutputKind.Iso) { Live = Plain, Customization = new() { KernelArguments = ["console=tty0", "console=ttyS0"] } };
        build.Kernel(Made.DracutLive).With(Shim).With(("/usr/lib/image-builder/bootc/iso.yaml", "grub2: {entries: [{name: a, linux: /b console=ttyS0, initrd: /c}]}\n"));
        Read(Make(build), "/EFI/BOOT/grub.cfg").ShouldContain("    linux /b console=ttyS0 console=tty0 console=ttyS0\n");
    }

    [Fact]
    public void Live_boot_finds_its_own_places()
    {
        using var build = new LiveBuild(kind: OutputKind.Iso) { Live = Plain with { Label = "DEBIAN" } };
        var iso = Make(build.Kernel(Made.LiveBoot).With(Shim));
        Squash(build, iso, "/live/filesystem.squashfs").ShouldContain("/usr/lib/modules");
        Read(iso, "/EFI/BOOT/grub.cfg").ShouldContain(" boot=live live-media=/dev/disk/by-label/DEBIAN live-media-path=/live ");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_stick_keeps_what_is_written_in_a_partition_behind_the_checked_volume(bool isDracut)
    {
        using var build = new LiveBuild(kind: OutputKind.Iso) { Live = Plain with { Persistence = ByteSize.MiB(8), Label = "KEEP" } };
        var iso = Make(build.Kernel(isDracut ? Made.DracutLive : Made.LiveBoot).With(Shim));
        var partition = PartitionTableJudge.Read(iso).Partitions[2];
        (partition.Name, partition.SectorCount).ShouldBe(("persistence", 16384));
        Tool.Require("dd", $"if={iso}", $"of={build["keep"]}", "bs=512", $"skip={partition.FirstLba}", $"count={partition.SectorCount}", "status=none");
        Tool.Run("e2fsck", "-fn", build["keep"]).ExitCode.ShouldBe(0);
        var names = Tool.Require("debugfs", "-R", "ls -p /", build["keep"]);
        foreach (var name in isDracut ? new[] { "/overlay/", "/ovlwork/" } : ["/persistence.conf/"])
            names.ShouldContain(name);
        Read(iso, "/EFI/BOOT/grub.cfg").ShouldContain(isDracut ? $" rd.live.overlay.overlayfs=1 rd.live.overlay=PARTUUID={partition.Id.ToLowerInvariant()}:/overlay " : " persistence ");
        Damage.FlipBit(iso, partition.FirstLba * 512 + 2000);
        IsoJudge.PassesMediaCheck(iso).ShouldBeTrue();
    }

    /// <summary>It reads nothing but FAT, so the kernels lie there too.</summary>
    [Fact]
    public void Systemd_boot_has_its_entries_and_kernels_in_its_image()
    {
        using var build = new LiveBuild(kind: OutputKind.Iso) { Live = Plain with { Label = "SD" } };
        var iso = Make(build.Kernel(Made.DracutLive).With("/usr/lib/systemd/boot/efi/systemd-bootx64.efi"));
        var files = FatJudge.CopyOut(Efi(build, iso));
        Encoding.UTF8.GetString(files["/loader/entries/kiosk-6.1.conf"].Content!).ShouldBe(
            "title kiosk\nversion 6.1\nlinux /images/pxeboot/vmlinuz\ninitrd /images/pxeboot/initrd.img\noptions root=live:CDLABEL=SD rd.live.image rd.live.overlay.overlayfs=1 rd.live.overlay.readonly console=ttyS0\n");
        Encoding.UTF8.GetString(files["/images/pxeboot/vmlinuz"].Content!).ShouldBe("/usr/lib/modules/6.1/vmlinuz");
        Encoding.UTF8.GetString(files["/EFI/BOOT/BOOTX64.EFI"].Content!).ShouldBe("/usr/lib/systemd/boot/efi/systemd-bootx64.efi");
    }

    [Fact]
    public void With_the_stub_alone_the_newest_kernel_starts_itself()
    {
        using var build = new LiveBuild(kind: OutputKind.Iso) { Live = Plain with { Label = "UKI" } };
        var iso = Make(build.Kernel(Made.DracutLive).Set("/usr/lib/systemd/boot/efi/linuxx64.efi.stub", File.ReadAllBytes("/usr/lib/systemd/boot/efi/linuxx64.efi.stub")));
        File.WriteAllBytes(build["uki.efi"], FatJudge.CopyOut(Efi(build, iso))["/EFI/BOOT/BOOTX64.EFI"].Content!);
        Tool.Require("objcopy", "-O", "binary", "--only-section=.cmdline", build["uki.efi"], build["cmdline"]);
        File.ReadAllText(build["cmdline"]).TrimEnd('\0').ShouldBe("root=live:CDLABEL=UKI rd.live.image rd.live.overlay.overlayfs=1 rd.live.overlay.readonly console=ttyS0");
    }

    /// <summary>As on removable media: what it is shows in its content only.</summary>
    [Theory]
    [InlineData("... grub_main ...", true)]
    [InlineData("... something else ...", false)]
    public void A_grub_under_the_name_that_firmware_looks_for_is_known_by_its_content(string content, bool isGrub)
    {
        using var build = new LiveBuild("linux/riscv64", OutputKind.Iso) { Live = Plain };
        build.Kernel(Made.DracutLive).With(("/boot/efi/EFI/BOOT/BOOTRISCV64.EFI", content));
        if (isGrub)
            Read(Make(build), "/EFI/BOOT/grub.cfg").ShouldContain("linux /images/pxeboot/vmlinuz root=live:");
        else
            IsoBuilder.Build(build.Job, build.Tree, build.Bag, CancellationToken.None).ShouldBeNull();
        build.Codes.ShouldBe(isGrub ? [] : ["PL4944"]);
    }

    /// <summary>Kernel and initrd lie nowhere else; systemd-boot finds the image by its place.</summary>
    [Fact]
    public void A_unified_kernel_image_of_the_containers_own_is_taken_as_it_is()
    {
        using var build = new LiveBuild(kind: OutputKind.Iso) { Live = Plain with { Label = "UKI" } };
        var image = Unified("quiet root=live:CDLABEL=UKI rd.live.image", "6.1");
        var iso = Make(build.With("/usr/lib/systemd/boot/efi/systemd-bootx64.efi").Set("/boot/EFI/Linux/kiosk.efi", image));
        build.Codes.ShouldBe(["PL4065"], "arguments of the board do not reach it");
        var files = FatJudge.CopyOut(Efi(build, iso));
        files["/EFI/Linux/kiosk.efi"].Content.ShouldBe(image);
        files.Keys.ShouldNotContain(p => p.StartsWith("/loader/entries/", StringComparison.Ordinal));
        Read(iso, "/images/pxeboot/vmlinuz").ShouldBe("a kernel");
    }

    [Theory]
    [InlineData("root=UUID=0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0f9")]
    [InlineData("root=live:CDLABEL=OTHER rd.live.image")]
    [InlineData(null)]
    public void One_that_is_meant_for_something_else_is_told_and_its_parts_are_used(string? arguments)
    {
        using var build = new LiveBuild(kind: OutputKind.Iso) { Live = Plain with { Label = "UKI" } };
        var iso = Make(build.With("/usr/lib/systemd/boot/efi/systemd-bootx64.efi").Set("/usr/lib/modules/6.1/vmlinuz.efi", Unified(arguments, "6.1")));
        build.Codes.ShouldBe(["PL4949"]);
        Encoding.UTF8.GetString(FatJudge.CopyOut(Efi(build, iso))["/loader/entries/kiosk-6.1.conf"].Content!).ShouldContain("options root=live:CDLABEL=UKI ");
    }

    [Fact]
    public void A_unified_kernel_image_that_is_none_is_told()
    {
        using var build = new LiveBuild(kind: OutputKind.Iso) { Live = Plain };
        IsoBuilder.Build(build.With("/usr/lib/modules/6.1/vmlinuz.efi").With(Shim).Job, build.Tree, build.Bag, CancellationToken.None).ShouldBeNull();
        build.Codes.ShouldBe(["PL4903"]);
    }

    [Fact]
    public void A_container_that_nothing_starts_is_refused()
    {
        using var build = new LiveBuild(kind: OutputKind.Iso) { Live = Plain };
        IsoBuilder.Build(build.Kernel(Made.DracutLive).Job, build.Tree, build.Bag, CancellationToken.None).ShouldBeNull();
        build.Codes.ShouldBe(["PL4944"]);
    }

    [Fact]
    public void An_incomplete_grub_for_a_bios_is_told_and_left_out()
    {
        using var build = new LiveBuild(kind: OutputKind.Iso) { Live = Plain };
        WithGrub(build.Kernel(Made.DracutLive)).With(Shim);
        build.Tree.Remove("/usr/lib/grub/i386-pc/cdboot.img");
        var iso = Make(build);
        build.Codes.ShouldBe(["PL4945"]);
        ShouldBeSound(iso, "Container-Installer-x86_64", hasBios: false);
    }

    [Fact]
    public void A_stub_that_is_none_is_told()
    {
        using var build = new LiveBuild(kind: OutputKind.Iso) { Live = Plain };
        IsoBuilder.Build(build.Kernel(Made.DracutLive).With("/usr/lib/systemd/boot/efi/linuxx64.efi.stub").Job, build.Tree, build.Bag, CancellationToken.None).ShouldBeNull();
        build.Codes.ShouldBe(["PL4946"]);
    }

    [Fact]
    public void A_menu_that_leads_nowhere_is_told_at_its_place()
    {
        using var build = new LiveBuild(kind: OutputKind.Iso) { Live = Plain with { Label = "NEW" } };
        Make(build.Kernel(Made.DracutLive).With(Shim).With(("/usr/lib/image-builder/bootc/iso.yaml", """
            grub2:
              entries:
                - {name: right, linux: "${kernelpath} ${root}", initrd: "${initrdpath}"}
                - {name: old, linux: "${kernelpath} root=live:CDLABEL=OLD rd.live.image", initrd: "${initrdpath}"}
            """)));
        var told = build.Bag.ToImmutable().ShouldHaveSingleItem();
        told.Rule.Code.ShouldBe("PL4950");
        told.Span!.Line.ShouldBe(4);
        told.Message.ShouldBe("the menu entry 'old' of the container's iso.yaml will not start: it looks for a medium called 'OLD', and this one is called 'NEW'; write ${isolabel}");
    }

    [Fact]
    public void A_menu_that_no_loader_reads_is_told()
    {
        using var build = new LiveBuild(kind: OutputKind.Iso) { Live = Plain };
        Make(build.Kernel(Made.DracutLive).With("/usr/lib/systemd/boot/efi/systemd-bootx64.efi").With(("/usr/lib/image-builder/bootc/iso.yaml", "grub2: {entries: [{name: a, linux: b, initrd: c}]}\n")));
        build.Codes.ShouldBe(["PL4948"]);
    }

    /// <summary>Of systemd's stub, as its own tool would make it.</summary>
    private static byte[] Unified(string? arguments, string version)
    {
        var sections = new List<(string, byte[])> { (".uname", Encoding.ASCII.GetBytes(version)), (".initrd", Made.Packed("gzip -n", Made.Cpio(Made.DracutLive))), (".linux", "a kernel"u8.ToArray()) };
        if (arguments is not null)
            sections.Insert(0, (".cmdline", Encoding.ASCII.GetBytes(arguments)));
        var stub = FileContent.Of(File.ReadAllBytes("/usr/lib/systemd/boot/efi/linuxx64.efi.stub"));
        return Pipeline.Engine.Building.Boot.UnifiedKernelImage.Make(stub, [.. sections.Select(s => (s.Item1, FileContent.Of(s.Item2)))]).ReadAll(1 << 24);
    }

    private static string Make(LiveBuild build, int parallelism = 2)
    {
        var built = IsoBuilder.Build(build.Job with { Parallelism = parallelism }, build.Tree, build.Bag, CancellationToken.None);
        return built.ShouldNotBeNull(string.Join('\n', build.Bag.ToImmutable())).Path;
    }

    /// <summary>GRUB for a BIOS as Debian has it.</summary>
    private static LiveBuild WithGrub(LiveBuild build)
    {
        foreach (var file in Directory.GetFiles("/usr/lib/grub/i386-pc"))
            build.Set(file, File.ReadAllBytes(file));
        return build;
    }

    private static void ShouldBeSound(string iso, string label, bool hasBios = true)
    {
        IsoJudge.PassesMediaCheck(iso).ShouldBeTrue();
        PartitionTableJudge.Complaints(iso).ShouldBeEmpty();
        Tool.Require("isoinfo", "-d", "-i", iso).ShouldContain($"Volume id: {label}\n");
        IsoJudge.Report(iso).Contains("grub2-mbr", StringComparison.Ordinal).ShouldBe(hasBios);
        IsoJudge.Report(iso).Contains("1  BIOS  y", StringComparison.Ordinal).ShouldBe(hasBios);
        Tool.Run("xorriso", "-abort_on", "WARNING", "-indev", iso, "-find", "/").ExitCode.ShouldBe(0);
    }

    private static string Read(string iso, string path) => Tool.Require("isoinfo", "-R", "-i", iso, "-x", path);

    private static string Squash(LiveBuild build, string iso, string path)
    {
        Tool.Require("xorriso", "-osirrox", "on", "-indev", iso, "-extract", path, build["root.img"]);
        return Tool.Require("unsquashfs", "-l", build["root.img"]);
    }

    /// <summary>The UEFI image, cut out of its partition.</summary>
    private static string Efi(LiveBuild build, string iso)
    {
        var partition = PartitionTableJudge.Read(iso).Partitions[1];
        Tool.Require("dd", $"if={iso}", $"of={build["efi.img"]}", "bs=512", $"skip={partition.FirstLba}", $"count={partition.SectorCount}", "status=none");
        return build["efi.img"];
    }
}
