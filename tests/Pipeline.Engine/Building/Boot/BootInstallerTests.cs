using Pipeline.Core.Files;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Building.Boot;

public sealed class BootInstallerTests
{
    private const string RootOnly = "{name: root, type: root, filesystem: {type: ext4}, size: rest, mount: /, flags: [legacy-boot]}";

    private const string WithBoot = """
        {name: esp, type: esp, filesystem: {type: fat}, size: 64MiB, mount: /boot/efi}
        {name: boot, type: xbootldr, filesystem: {type: ext4}, size: 64MiB, mount: /boot, flags: [legacy-boot]}
        {name: root, type: root, filesystem: {type: ext4}, size: rest, mount: /}
        """;

    private const string EspBiosAndRoot = """
        {name: esp, type: esp, filesystem: {type: fat}, size: 64MiB, mount: /boot/efi}
        {name: bios, type: bios-boot, size: 1MiB}
        {name: root, type: root, filesystem: {type: ext4}, size: rest, mount: /}
        """;

    private static readonly string[] Debian = ["/boot/vmlinuz-6.1-amd64", "/boot/initrd.img-6.1-amd64"];
    private static readonly string[] TwoKernels = [.. Debian, "/boot/vmlinuz-6.12-amd64", "/boot/initrd.img-6.12-amd64"];
    private static readonly string[] SignedGrub = ["/usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed", "/usr/lib/shim/shimx64.efi.signed"];
    private static readonly string[] Sdboot = ["/usr/lib/systemd/boot/efi/systemd-bootx64.efi"];

    [Fact]
    public void Grub_from_its_packages() =>
        Check("grub-packages.txt", new DiskBuild("{method: grub-efi, kernelArguments: [console=ttyS0]}").With(("/etc/os-release", "ID=debian\nPRETTY_NAME=\"Debian GNU/Linux 13 (trixie)\"\n"))
            .With([.. TwoKernels, .. SignedGrub]));

    [Fact]
    public void Grub_without_shim_is_the_fallback_itself() =>
        Check("grub-alone.txt", new DiskBuild("{method: grub-efi, root: uuid}").With([.. Debian, SignedGrub[0]]));

    [Fact]
    public void Grub_that_the_source_put_on_the_system_partition_in_its_own_case() =>
        Check("grub-on-esp.txt", new DiskBuild("{method: grub-efi}", WithBoot).With([.. Debian, "/boot/efi/efi/boot/bootx64.efi", "/boot/efi/efi/fedora/grubx64.efi"]));

    [Theory]
    [InlineData("/usr/lib/bootupd/updates/EFI")]
    [InlineData("/usr/lib/efi/shim/15.8-3/EFI")]
    public void Grub_as_bootupd_keeps_it(string folder)
    {
        using var disk = new DiskBuild("{method: grub-efi}").With($"{folder}/BOOT/BOOTX64.EFI", $"{folder}/fedora/grubx64.efi", "/usr/lib/modules/6.1/vmlinuz", "/usr/lib/modules/6.1/initramfs.img").InstallBoot();

        disk.Codes.ShouldBeEmpty();
        disk.Text("/boot/efi/EFI/fedora/grub.cfg").ShouldBe(disk.Text("/boot/efi/EFI/BOOT/grub.cfg"));
        disk.Text("/boot/efi/EFI/fedora/grubx64.efi").ShouldBe($"{folder}/fedora/grubx64.efi");
        disk.Text("/boot/efi/EFI/BOOT/BOOTX64.EFI").ShouldBe($"{folder}/BOOT/BOOTX64.EFI");
    }

    [Theory]
    [InlineData("squashfs")]
    [InlineData("erofs")]
    public void Grub_gets_the_kernel_of_what_it_may_not_read_beside_itself(string kind)
    {
        using var disk = new DiskBuild("{method: grub-efi}", $$"""
            {name: esp, type: esp, filesystem: {type: fat}, size: 64MiB, mount: /boot/efi}
            {name: root, type: root, filesystem: {{kind}}, size: content, mount: /, id: 11111111-2222-3333-4444-555555555555}
            """).With([.. Debian, .. SignedGrub]).InstallBoot();

        var said = disk.Text("/boot/efi/EFI/BOOT/grub.cfg")!;
        said.ShouldContain($"--set=root {disk.Mounts.All.Single(m => m.Path == "/boot/efi").Identity.FileSystemUuid}\n");
        said.ShouldContain($"    linux /6.1-amd64/vmlinuz-6.1-amd64 root=PARTUUID=11111111-2222-3333-4444-555555555555 rootfstype={kind} ro\n");
        said.ShouldContain("    initrd /6.1-amd64/initrd.img-6.1-amd64\n");
        disk.Text("/boot/efi/6.1-amd64/vmlinuz-6.1-amd64").ShouldBe("/boot/vmlinuz-6.1-amd64");
    }

    [Fact]
    public void Grub_reads_arguments_as_they_are_written()
    {
        using var disk = new DiskBuild("{method: grub-efi}").With([.. Debian, .. SignedGrub]);
        disk.Customization = new() { KernelArguments = ["a=1;2", "dyndbg=\"file x +p\"", "b=$c", "root=/dev/vda", "ro"] };
        disk.InstallBoot().Text("/boot/efi/EFI/BOOT/grub.cfg")!.ShouldContain("    linux /boot/vmlinuz-6.1-amd64 'a=1;2' 'dyndbg=file x +p' 'b=$c' root=/dev/vda ro\n");
    }

    [Fact]
    public void Grub_takes_device_trees_to_the_partition_of_the_kernel()
    {
        using var disk = new DiskBuild("{method: grub-efi, deviceTree: v/x.dtb}", WithBoot, "linux/arm64")
            .With("/boot/vmlinuz-6.1", "/boot/initrd.img-6.1", "/usr/lib/linux-image-6.1/v/x.dtb", "/usr/lib/grub/arm64-efi-signed/grubaa64.efi.signed");

        disk.InstallBoot().Codes.ShouldBeEmpty();

        disk.Text("/boot/efi/EFI/BOOT/grub.cfg")!.ShouldContain("    devicetree /6.1/x.dtb\n");
        disk.Text("/boot/6.1/x.dtb").ShouldBe("/usr/lib/linux-image-6.1/v/x.dtb");
    }

    [Fact]
    public void Systemd_boot_holds_everything_on_the_system_partition() =>
        Check("systemd-boot.txt", new DiskBuild("{method: systemd-boot, root: discoverable, kernelArguments: [quiet]}").With([.. TwoKernels, .. Sdboot]));

    [Fact]
    public void Systemd_boot_counts_no_boots()
    {
        using var disk = new DiskBuild("{method: systemd-boot}").With([.. Sdboot, "/boot/vmlinuz-6.6+3", "/boot/initrd.img-6.6+3"]).InstallBoot();

        disk.Tree.Find("/boot/efi/loader/entries/kiosk-6.6_3.conf").ShouldBeOfType<RegularFile>();
    }

    [Fact]
    public void No_kernel_takes_the_place_of_another_with_a_like_name()
    {
        using var disk = new DiskBuild("{method: systemd-boot}").With([.. Sdboot, "/boot/vmlinuz-6.6+a", "/boot/initrd.img-6.6+a", "/boot/vmlinuz-6.6_a", "/boot/initrd.img-6.6_a"]).InstallBoot();

        disk.Codes.ShouldBeEmpty();
        var entries = ((DirectoryNode)disk.Tree.Find("/boot/efi/loader/entries")!).Children.Select(c => c.Key.ToString()).ToList();
        entries.ShouldBe(["kiosk-6.6_a-2.conf", "kiosk-6.6_a.conf"], ignoreOrder: true);
        entries.Select(e => disk.Text($"/boot/efi/loader/entries/{e}")!.Split('\n')[1]).ShouldBe(["version 6.6+a", "version 6.6_a"], ignoreOrder: true);
    }

    [Fact]
    public void Extlinux_on_the_root() =>
        Check("extlinux-root.txt", new DiskBuild("{method: extlinux, kernelArguments: [console=ttyAMA0], deviceTree: v/x.dtb}", RootOnly, "linux/arm64").With([.. TwoKernels, "/usr/lib/linux-image-6.1-amd64/v/x.dtb", "/usr/lib/linux-image-6.12-amd64/x.dtb"]));

    [Fact]
    public void Extlinux_on_a_boot_partition() =>
        Check("extlinux-boot.txt", new DiskBuild("{method: extlinux}", WithBoot).With("/usr/lib/modules/6.1/vmlinuz", "/usr/lib/modules/6.1/initramfs.img"));

    [Fact]
    public void Script_tries_the_newest_kernel_first()
    {
        using var disk = new DiskBuild("{method: boot-scr, kernelArguments: [console=ttyAMA0], deviceTree: v/x.dtb}", RootOnly, "linux/arm64")
            .With([.. TwoKernels, "/usr/lib/linux-image-6.1-amd64/v/x.dtb", "/usr/lib/linux-image-6.12-amd64/x.dtb"]);

        disk.InstallBoot().Codes.ShouldBeEmpty();

        Golden.Match("boot-scr.txt", disk.Text("/boot/boot.cmd")!);
    }

    [Fact]
    public void Script_on_a_boot_partition_of_a_32_bit_machine_without_a_device_tree()
    {
        using var disk = new DiskBuild("{method: boot-scr}", WithBoot, "linux/arm/v7").With("/usr/lib/modules/6.1/vmlinuz", "/usr/lib/modules/6.1/initramfs.img");

        disk.InstallBoot().Codes.ShouldBeEmpty();

        Golden.Match("boot-scr-boot.txt", disk.Text("/boot/boot.cmd")!);
        disk.Text("/boot/6.1/vmlinuz").ShouldBe("/usr/lib/modules/6.1/vmlinuz");
    }

    [Fact]
    public void Uefi_and_bios_read_one_configuration()
    {
        using var disk = new DiskBuild("{method: [grub-efi, grub-bios], kernelArguments: [console=ttyS0]}", EspBiosAndRoot).With([.. TwoKernels, .. SignedGrub]);
        foreach (var path in Directory.GetFiles("/usr/lib/grub/i386-pc"))
            disk.Tree.Set(path, new RegularFile { Content = FileContent.Of(File.ReadAllBytes(path)) });

        disk.InstallBoot(out var code).Codes.ShouldBeEmpty();

        disk.Text("/boot/grub/grub.cfg").ShouldBe(disk.Text("/boot/efi/EFI/BOOT/grub.cfg"));
        code!.PartitionIndex.ShouldBe(1);
        code.Core.LengthBytes.ShouldBeInRange(64 << 10, 256 << 10);
    }

    [Theory]
    [InlineData("kernel.img", "PL4066")]
    [InlineData("normal.mod", "PL4067")]
    [InlineData("boot.img", "PL4067")]
    [InlineData("moddep.lst", "PL4067")]
    public void Bios_without_a_part_of_grub_is_told(string missing, string code)
    {
        using var disk = new DiskBuild("{method: grub-bios}", EspBiosAndRoot).With(Debian);
        foreach (var path in Directory.GetFiles("/usr/lib/grub/i386-pc").Where(p => Path.GetFileName(p) != missing))
            disk.Tree.Set(path, new RegularFile { Content = FileContent.Of(File.ReadAllBytes(path)) });

        disk.InstallBoot().Codes.ShouldBe([code]);
    }

    [Fact]
    public void Firmware_lies_where_the_boot_rom_reads_it()
    {
        using var disk = new DiskBuild("{method: extlinux, firmware: [{from: /fw/*.elf, to: /}, {from: /fw/u-boot.bin, to: /kernel8.img}]}", RootOnly + "\n{name: fw, type: esp, filesystem: {type: fat}, size: 64MiB, mount: /boot/firmware}", "linux/arm64")
            .With("/fw/start4.elf", "/fw/start.elf", "/fw/u-boot.bin", "/boot/vmlinuz-6.1", "/boot/initrd.img-6.1").InstallBoot();

        disk.Codes.ShouldBeEmpty();
        disk.Show("/boot/firmware").ShouldBe("== /boot/firmware/kernel8.img\n/fw/u-boot.bin\n== /boot/firmware/start.elf\n/fw/start.elf\n== /boot/firmware/start4.elf\n/fw/start4.elf\n");
    }

    [Theory]
    [InlineData("no kernel", "grub-efi", "/usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed", "PL4060")]
    [InlineData("only a rescue kernel", "grub-efi", "/boot/vmlinuz-0-rescue-1", "PL4060")]
    [InlineData("no loader", "grub-efi", "/boot/vmlinuz-6.1 /boot/initrd.img-6.1", "PL4063")]
    [InlineData("shim alone", "grub-efi", "/boot/vmlinuz-6.1 /boot/initrd.img-6.1 /usr/lib/shim/shimx64.efi.signed", "PL4063")]
    [InlineData("a loader for another machine", "grub-efi", "/boot/vmlinuz-6.1 /boot/initrd.img-6.1 /boot/efi/EFI/BOOT/BOOTAA64.EFI", "PL4063")]
    [InlineData("no initrd", "grub-efi", "/boot/vmlinuz-6.1 /boot/efi/EFI/BOOT/BOOTX64.EFI", "PL4061")]
    [InlineData("no loader", "systemd-boot", "/boot/vmlinuz-6.1 /boot/initrd.img-6.1", "PL4063")]
    [InlineData("no kernel", "systemd-boot", "/usr/lib/systemd/boot/efi/systemd-bootx64.efi", "PL4060")]
    [InlineData("no loader", "uefi-files", "/boot/efi/EFI/fedora/grubx64.efi", "PL4063")]
    [InlineData("its own loader", "uefi-files", "/boot/efi/efi/Boot/BootX64.efi", "")]
    [InlineData("nothing at all", "none", "/etc/x", "")]
    public void What_is_missing_is_told(string what, string method, string files, string codes)
    {
        using var disk = new DiskBuild($"{{method: {method}}}").With(files.Split(' ')).InstallBoot();

        string.Join(' ', disk.Codes).ShouldBe(codes, what);
    }

    [Fact]
    public void A_missing_device_tree_names_the_places()
    {
        using var disk = new DiskBuild("{method: extlinux, deviceTree: v/x.dtb}", RootOnly, "linux/arm64").With("/boot/vmlinuz-6.1", "/boot/initrd.img-6.1").InstallBoot();

        disk.Bag.ToImmutable().Single().Message.ShouldStartWith("the source has no device tree 'v/x.dtb' for kernel 6.1; looked in /usr/lib/modules/6.1/dtb,");
        disk.Codes.ShouldBe(["PL4062"]);
    }

    [Fact]
    public void Arguments_that_nobody_reads_are_told()
    {
        using var disk = new DiskBuild("{method: uefi-files}").With("/boot/efi/EFI/BOOT/BOOTX64.EFI");
        disk.Customization = new() { KernelArguments = ["quiet"] };

        disk.InstallBoot().Codes.ShouldBe(["PL4065"]);
    }

    [Theory]
    [InlineData("{from: /fw/none*, to: /}", "PL4070")]
    [InlineData("{from: /fw/*, to: /one}", "PL4071")]
    public void Firmware_that_is_missing_or_unclear_is_told(string firmware, string code)
    {
        using var disk = new DiskBuild($"{{method: uefi-files, firmware: [{firmware}]}}").With("/fw/a", "/fw/b", "/boot/efi/EFI/BOOT/BOOTX64.EFI").InstallBoot();

        disk.Codes.ShouldBe([code]);
    }

    [Fact]
    public void Arguments_of_the_source_come_first_and_repeated_ones_once()
    {
        using var disk = new DiskBuild("{method: extlinux, kernelArguments: [console=tty0, quiet]}", RootOnly, "linux/arm64").With(Debian).With(
            ("/usr/lib/bootc/kargs.d/10-b.toml", "kargs = [\"quiet\", \"mitigations=auto nosmt\", 'x=\"a b\"']\nmatch-architectures = [\"aarch64\"]\n"),
            ("/usr/lib/bootc/kargs.d/00-a.toml", "# first\nkargs = [ # more\n  \"console=ttyS0\",\n]\n"),
            ("/usr/lib/bootc/kargs.d/20-pc.toml", "match-architectures = [\"x86_64\"]\nkargs = [\"pc\"]\n"),
            ("/usr/lib/bootc/kargs.d/readme.txt", "no = \"toml\""));
        disk.Customization = new() { KernelArguments = ["console=ttyS0"] };

        disk.InstallBoot().Codes.ShouldBeEmpty();

        disk.Text("/boot/extlinux/extlinux.conf")!.ShouldContain(" rw mitigations=auto nosmt x=\"a b\" console=tty0 quiet console=ttyS0\n");
    }

    [Theory]
    [InlineData("kargs = \"one\"")]
    [InlineData("kargs = [\"open]")]
    [InlineData("kargs = [\"a\" \"b\"]")]
    [InlineData("kargs = [1]")]
    [InlineData("kargs = [\"a\"]\nkargs = [\"b\"]")]
    [InlineData("args = [\"a\"]")]
    [InlineData("kargs = [\"a\\nb\"]")]
    [InlineData("kargs = [\"a\\u000ab\"]")]
    [InlineData("[table]\nkargs = [\"a\"]")]
    [InlineData("kargs = [")]
    [InlineData("kargs")]
    public void Arguments_of_the_source_that_cannot_be_read_are_told(string text)
    {
        using var disk = new DiskBuild("{method: extlinux}", RootOnly, "linux/arm64").With(Debian).With(("/usr/lib/bootc/kargs.d/a.toml", text));

        disk.InstallBoot().Codes.ShouldBe(["PL4068"]);
    }

    private static void Check(string golden, DiskBuild disk)
    {
        using (disk)
        {
            disk.InstallBoot().Codes.ShouldBeEmpty();
            Golden.Match(golden, disk.Show("/boot"));
        }
    }
}
