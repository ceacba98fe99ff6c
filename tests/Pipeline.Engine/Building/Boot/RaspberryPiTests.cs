using Pipeline.Core.Files;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Building.Boot;

/// <summary>Held against Raspberry Pi's documentation of config.txt and the boot folder; no emulator has its firmware.</summary>
public sealed class RaspberryPiTests
{
    private const string Mbr = "{type: mbr}";

    private const string Layout = """
        {name: firmware, type: "0x0c", filesystem: {type: fat}, size: 256MiB, mount: /boot/firmware, flags: [active]}
        {name: root, type: root, filesystem: {type: ext4}, size: rest, mount: /}
        """;

    private static readonly string[] Firmware = ["/usr/lib/raspi-firmware/bootcode.bin", "/usr/lib/raspi-firmware/start4.elf", "/usr/lib/raspi-firmware/fixup4.dat"];

    [Fact]
    public void Kernels_of_raspberry_pi_for_64_bits() =>
        Check("raspberrypi-64.txt", new DiskBuild("{method: raspberrypi, kernelArguments: ['console=serial0,115200']}", Layout, "linux/arm64", Mbr).With(
            [.. Firmware, .. Kernel("6.6.31+rpt-rpi-v8"), .. Kernel("6.12.25+rpt-rpi-v8"), .. Kernel("6.12.25+rpt-rpi-2712"),
                "/usr/lib/linux-image-6.12.25+rpt-rpi-v8/broadcom/bcm2711-rpi-4-b.dtb", "/usr/lib/linux-image-6.12.25+rpt-rpi-2712/broadcom/bcm2712-rpi-5-b.dtb",
                "/usr/lib/linux-image-6.12.25+rpt-rpi-v8/overlays/disable-bt.dtbo", "/usr/lib/linux-image-6.12.25+rpt-rpi-v8/overlays/overlay_map.dtb",
                "/usr/lib/linux-image-6.12.25+rpt-rpi-v8/broadcom/other-board.dtb"]));

    [Fact]
    public void Kernels_of_raspberry_pi_for_32_bits() =>
        Check("raspberrypi-32.txt", new DiskBuild("{method: raspberrypi}", Layout, "linux/arm/v6", Mbr).With(
            [.. Firmware, .. Kernel("6.12.25+rpt-rpi-v6"), .. Kernel("6.12.25+rpt-rpi-v7"), .. Kernel("6.12.25+rpt-rpi-v7l")]));

    [Theory]
    [InlineData("linux/arm64", "6.1.0-30-arm64", "1", "kernel8.img", "initramfs8")]
    [InlineData("linux/arm/v7", "6.1.0-30-armmp", "0", "kernel7.img", "initramfs7")]
    [InlineData("linux/arm/v6", "6.1.0-30-rpi", "0", "kernel.img", "initramfs")]
    public void Kernels_of_a_distribution_go_by_the_platform(string platform, string version, string arm64, string image, string initrd)
    {
        using var disk = new DiskBuild("{method: raspberrypi}", Layout, platform, Mbr).With([.. Firmware, .. Kernel(version)]).InstallBoot();

        disk.Codes.ShouldBeEmpty();
        disk.Text("/boot/firmware/config.txt").ShouldBe($"# Written from the manifest and the board.\narm_64bit={arm64}\nenable_uart=1\nkernel={image}\ninitramfs {initrd} followkernel\n");
        disk.Text($"/boot/firmware/{image}").ShouldBe($"/boot/vmlinuz-{version}");
        disk.Text("/boot/firmware/cmdline.txt")!.Count(c => c == '\n').ShouldBe(1);
    }

    [Fact]
    public void Uboot_takes_the_place_of_a_kernel()
    {
        using var disk = new DiskBuild("{method: [raspberrypi, extlinux]}", Layout.Replace("flags: [active]}\n", "flags: []}\n", StringComparison.Ordinal).Replace("mount: /}", "mount: /, flags: [active]}", StringComparison.Ordinal), "linux/arm64", Mbr)
            .With([.. Firmware, .. Kernel("6.1.0-30-arm64"), "/usr/lib/u-boot/rpi_arm64/u-boot.bin", "/usr/lib/u-boot/rpi_3/u-boot.bin"]).InstallBoot();

        disk.Codes.ShouldBeEmpty();
        disk.Text("/boot/firmware/config.txt").ShouldBe("# Written from the manifest and the board.\narm_64bit=1\nenable_uart=1\nkernel=u-boot.bin\n");
        disk.Text("/boot/firmware/u-boot.bin").ShouldBe("/usr/lib/u-boot/rpi_arm64/u-boot.bin");
        disk.Text("/boot/firmware/cmdline.txt").ShouldBeNull();
        disk.Text("/boot/extlinux/extlinux.conf").ShouldNotBeNull();
    }

    [Theory]
    [InlineData(1, null)]
    [InlineData(2, "[all]\ntryboot_a_b=1\nboot_partition=1\n[tryboot]\nboot_partition=2\n")]
    [InlineData(3, "[all]\ntryboot_a_b=1\nboot_partition=2\n[tryboot]\nboot_partition=3\n")]
    public void Slots_are_chosen_by_autoboot(int slots, string? expected)
    {
        var first = "{name: p1, type: \"0x0c\", filesystem: {type: fat}, size: 64MiB, mount: " + (slots == 3 ? "/boot/select" : "/boot/firmware") + "}\n";
        var others = string.Concat(Enumerable.Range(2, slots - 1).Select(i => $"{{name: p{i}, type: \"0x0c\", filesystem: {{type: fat}}, size: 64MiB{(slots == 3 && i == 2 ? ", mount: /boot/firmware" : "")}}}\n"));
        using var disk = new DiskBuild("{method: raspberrypi}", first + others + "{name: root, type: root, filesystem: {type: ext4}, size: rest, mount: /}", "linux/arm64", Mbr)
            .With([.. Firmware, .. Kernel("6.1.0-30-arm64")]).InstallBoot();

        disk.Codes.ShouldBeEmpty();
        disk.Text(slots == 3 ? "/boot/select/autoboot.txt" : "/boot/firmware/autoboot.txt").ShouldBe(expected);
        disk.Tree.Find("/boot/firmware/config.txt").ShouldBeOfType<RegularFile>();
    }

    [Theory]
    [InlineData("a Pi 4 needs firmware", "6.1.0-rpi-v8", "PL4076")]
    [InlineData("a Pi 5 does not", "6.1.0-rpi-2712", "")]
    public void Firmware_that_is_missing_is_told(string what, string version, string codes)
    {
        using var disk = new DiskBuild("{method: raspberrypi}", Layout, "linux/arm64", Mbr).With([.. Kernel(version)]).InstallBoot();

        string.Join(' ', disk.Codes).ShouldBe(codes, what);
    }

    [Fact]
    public void Firmware_on_the_partition_stays()
    {
        using var disk = new DiskBuild("{method: raspberrypi}", Layout, "linux/arm64", Mbr).With([.. Firmware, .. Kernel("6.1.0-30-arm64"), "/boot/firmware/start4.elf"]).InstallBoot();

        disk.Text("/boot/firmware/start4.elf").ShouldBe("/boot/firmware/start4.elf");
        disk.Text("/boot/firmware/bootcode.bin").ShouldBeNull();
    }

    private static string[] Kernel(string version) => [$"/boot/vmlinuz-{version}", $"/boot/initrd.img-{version}"];

    private static void Check(string golden, DiskBuild disk)
    {
        using (disk)
        {
            disk.InstallBoot().Codes.ShouldBeEmpty();
            Golden.Match(golden, disk.Show("/boot/firmware"));
        }
    }
}
