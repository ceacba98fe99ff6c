namespace Pipeline.Engine.Manifests;

/// <summary>The mistakes of boards.</summary>
internal static partial class MistakeTable
{
    private static Mistake[] Boards =>
    [
        new("a platform in the words of Debian", Box, "linux/arm64", "armhf", "PL1060 2:11, PL1031 3:10", true),
        new("a platform that is misspelt", Box, "linux/arm64", "linux/arm46", "PL1060 2:11, PL1031 3:10"),
        new("a variant that does not exist", Box, "linux/arm64", "linux/arm/v9", "PL1060 2:11, PL1031 3:10"),
        new("a variant of what has none", Box, "linux/arm64", "linux/386/v1", "PL1060 2:11, PL1031 3:10"),
        new("a sector size of 1000", Box, "table:\n", "sectorSize: 1000\ntable:\n", "PL1007 3:13, PL1031 3:10"),
        new("an architecture in the words of containers", Box, "table:\n", "imager: {name: Pi, tags: [pi4-64bit], architecture: arm64}\ntable:\n", "PL1007 3:53, PL1031 3:10"),
        new("a machine that Imager cannot know", Box, "table:\n", "imager: {name: Pi}\ntable:\n", "PL1005 3:9, PL1031 3:10"),
        new("an MBR type in a GPT", Box, "type: root", "type: 0x83", "PL1061 12:11, PL1031 3:10"),
        new("a GPT type in an MBR", Box, "type: gpt", "type: mbr", "PL1061 12:11, PL1031 3:10") { With = [(Box, Mbr("bios-boot"))] },
        new("a mount point without a file system", Box, "    filesystem: {type: ext4, label: root}\n", "", "PL1062 14:12, PL1031 3:10", true),
        new("a mount point on swap", Box, "{type: ext4, label: root}", "swap", "PL1062 15:12, PL1031 3:10"),
        new("a mount point twice", Box, "mount: /boot/efi", "mount: /", "PL1083 8:17, PL1063 15:12, PL1031 3:10"),
        new("no root", Box, "    mount: /\n", "", "PL1064 5:1, PL1031 3:10"),
        new("a root on FAT", Box, "{type: ext4, label: root}", "fat", "PL1083 13:17, PL1031 3:10"),
        new("a FAT label that is too long", Box, "label: ESP", "label: SYSTEM PARTITION", "PL4310 8:36, PL1031 3:10", true),
        new("a FAT label with a dot", Box, "label: ESP", "label: E.SP", "PL4311 8:36, PL1031 3:10"),
        new("an ext4 label that is too long", Box, "label: root", "label: the root file system", "PL1067 13:37, PL1031 3:10"),
        new("an ext4 label with a line feed", Box, "label: root", "label: \"ro\\not\"", "PL1068 13:37, PL1031 3:10"),
        new("a partition name that is too long", Box, "name: root", "name: the partition that holds the root file system", "PL4202 11:11, PL1031 3:10"),
        new("a partition name twice", Box, "name: root", "name: esp", "PL1070 11:11, PL1031 3:10"),
        new("active in a GPT", Box, "[grow]", "[grow, active]", "PL1071 16:19, PL1031 3:10"),
        new("an identifier of zeroes", Box, "flags: [grow]", "id: 00000000-0000-0000-0000-000000000000", "PL1072 16:9, PL1031 3:10"),
        new("an identifier twice", Box, "flags: [grow]", "id: 0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0f9", "PL1073 17:9, PL1031 3:10") { With = [(Box, WithEspId)] },
        new("entries in an MBR", Box, "type: gpt", "type: mbr\n  entries: 56", "PL1075 5:3, PL1031 3:10") { With = [(Box, Mbr("linux"))] },
        new("a minimum beside a size", Box, "size: 64MiB", "size: 64MiB\n    minimum: 32MiB", "PL1075 10:5, PL1031 3:10"),
        new("FAT geometry on ext4", Box, "label: root", "heads: 64", "PL1075 13:30, PL1031 3:10"),
        new("a level that zstd lacks", Box, "{type: ext4, label: root}", "{type: squashfs, level: 0}", "PL1099 13:41, PL1071 16:13, PL1031 3:10"),
        new("a label on squashfs", Box, "{type: ext4, label: root}", "{type: squashfs, label: root}", "PL1075 13:34, PL1071 16:13, PL1031 3:10"),
        new("compression on ext4", Box, "label: root", "compression: xz", "PL1075 13:30, PL1031 3:10"),
        new("free space in a squashfs", Box, "{type: ext4, label: root}", "squashfs\n    freeSpace: 1GiB", "PL1075 14:5, PL1071 17:13, PL1031 3:10"),
        new("a grown erofs", Box, "{type: ext4, label: root}", "{type: erofs, label: root}", "PL1071 16:13, PL1031 3:10"),
        new("free space in an erofs", Box, "{type: ext4, label: root}", "erofs\n    freeSpace: 1GiB", "PL1075 14:5, PL1071 17:13, PL1031 3:10"),
        new("an erofs label that is too long", Box, "{type: ext4, label: root}", "{type: erofs, label: the root file system}", "PL1067 13:38, PL1071 16:13, PL1031 3:10"),
        new("a squashfs packed as an erofs", Box, "{type: ext4, label: root}", "{type: squashfs, compression: lz4}", "PL1124 13:47, PL1071 16:13, PL1031 3:10"),
        new("an erofs packed as a squashfs", Box, "{type: ext4, label: root}", "{type: erofs, compression: zstd}", "PL1124 13:44, PL1071 16:13, PL1031 3:10"),
        new("a level on erofs", Box, "{type: ext4, label: root}", "{type: erofs, level: 3}", "PL1075 13:31, PL1071 16:13, PL1031 3:10"),
        new("half a geometry", Box, "label: ESP", "heads: 64", "PL1080 8:29, PL1031 3:10"),
        new("a first usable place between sectors", Box, "type: gpt", "type: gpt\n  firstUsable: 17409B", "PL1086 5:16, PL1031 3:10"),
        new("an ESP without FAT", Box, "{type: fat, label: ESP}", "ext4", "PL1082 8:17, PL1031 3:10"),
        new("grub-efi without an ESP", Box, "type: esp", "type: linux", "PL1076 23:11, PL1031 3:10", true),
        new("extlinux beside a bootable partition", Box, "method: grub-efi", "method: extlinux", "PL1077 23:11, PL1031 3:10"),
        new("boot.scr beside a bootable partition", Box, "method: grub-efi", "method: boot-scr", "PL1077 23:11, PL1031 3:10"),
        new("boot.scr on a PC", Box, "method: grub-efi", "method: boot-scr", "PL1122 23:11, PL1031 3:10") { With = [(Box, OnPc)] },
        new("GRUB for a BIOS on Arm", Box, "method: grub-efi", "method: [grub-efi, grub-bios]", "PL1120 23:22, PL1031 3:10"),
        new("GRUB for a BIOS without its partition", Box, "method: grub-efi", "method: grub-bios", "PL1120 23:11, PL1031 3:10") { With = [(Box, OnPc)] },
        new("two loaders for UEFI", Box, "method: grub-efi", "method: [grub-efi, systemd-boot]", "PL1121 23:22, PL1031 3:10"),
        new("no method and another", Box, "method: grub-efi", "method: [grub-efi, none]", "PL1121 23:22, PL1031 3:10"),
        new("a Raspberry Pi that is a PC", Box, "method: grub-efi", "method: raspberrypi", "PL1123 23:11, PL1031 3:10") { With = [(Box, OnPc)] },
        new("a discoverable root of a plain type", Box, "type: root", "type: linux", "PL1078 24:9, PL1031 3:10") { With = [(Box, WithDiscoverableRoot)] },
        new("kernel arguments that nobody reads", Box, "method: grub-efi", "method: uefi-files", "PL1075 24:3, PL1031 3:10"),
        new("firmware files without a FAT", Box, "    type: esp\n", "    type: linux\n", "PL1081 24:3, PL1031 3:10") { With = [(Box, WithFirmware)] },
        new("a device tree by an absolute path", Box, "method: grub-efi", "method: grub-efi\n  deviceTree: /boot/a.dtb", "PL1045 24:15, PL1031 3:10"),
        new("a blob from nowhere", Box, "{container: /loader.bin}", "{}", "PL1079 19:11, PL1031 3:10"),
        new("a blob from two places", Box, "{container: /loader.bin}", "{container: /loader.bin, file: loader.bin}", "PL1079 19:11, PL1089 19:42, PL1031 3:10") { With = [("boards/loader.bin", "12345")] },
        new("a blob with another checksum", Box, "{container: /loader.bin}", $"{{file: loader.bin, sha256: {new string('0', 64)}}}", "PL1084 19:38, PL1031 3:10") { With = [("boards/loader.bin", "12345")] },
        new("a blob that is too long", Box, "limit: 512KiB", "limit: 4B", "PL1089 19:18, PL1085 21:12, PL1031 3:10") { With = [("boards/loader.bin", "12345"), (Box, WithBlobFile)] },
        new("a blob over the partition table", Box, "offset: 32KiB", "offset: 8KiB", "PL4204 20:13, PL1031 3:10", true),
        new("a blob over a partition", Box, "    limit: 512KiB", "    limit: 2MiB", "PL4703 21:13, PL1031 3:10", true) { With = [(Box, WithOffset)] },
        new("two blobs at one place", Box, "blobs:\n", "blobs:\n  - name: first\n    from: {container: /first.bin}\n    offset: 20KiB\n    limit: 16KiB\n", "PL4702 24:13, PL1031 3:10"),
        new("two partitions at one place", Box, "    size: rest\n", "    size: 1GiB\n    offset: 32MiB\n", "PL4701 15:13, PL1031 3:10", true),
        new("two partitions that take the rest", Box, "size: 64MiB", "size: rest", "PL4704 14:11, PL1031 3:10", true),
        new("a disk that is too small", Box, "table:\n", "diskSize: 32MiB\ntable:\n", "PL4706 10:11, PL4709 15:11, PL1031 3:10", true),
        new("an offset between sectors", Box, "    size: 64MiB\n", "    size: 64MiB\n    offset: 1000kB\n", "PL4705 10:13, PL1031 3:10"),
        new("a partition in front of the first place", Box, "    size: 64MiB\n", "    size: 64MiB\n    offset: sector 8\n", "PL4206 10:13, PL4703 21:13, PL1031 3:10"),
    ];

    private static string WithEspId => Edit("    mount: /boot/efi\n", "    mount: /boot/efi\n    id: 0F1E2D3C-4b5a-4978-8695-a4b3c2d1e0f9\n");

    private static string OnPc => Edit("linux/arm64", "linux/amd64").Replace("flags: [grow]", "flags: [grow, legacy-boot]", StringComparison.Ordinal);

    private static string WithDiscoverableRoot => Edit("  kernelArguments:", "  root: discoverable\n  kernelArguments:");

    private static string WithFirmware => Edit("  method: grub-efi\n  kernelArguments: [console=tty0]\n", "  method: none\n  firmware: [{from: /start.elf, to: /}]\n");

    private static string WithBlobFile => Edit("{container: /loader.bin}", "{file: loader.bin}");

    private static string WithOffset => Edit("    size: 64MiB\n", "    size: 64MiB\n    offset: 1MiB\n");

    private static string Edit(string old, string replacement) => Kit.ManifestRepository.BoxText.Replace(old, replacement, StringComparison.Ordinal);

    private static string Mbr(string type) => Edit("    type: root\n", $"    type: {type}\n");
}
