using Pipeline.Kit;

namespace Pipeline.Engine.Manifests;

/// <summary>The mistakes of layouts: what no disk can hold, and what no boot ROM would find.</summary>
internal static partial class MistakeTable
{
    private static Mistake[] Layouts =>
    [
        .. Logical,
        .. Hybrid,
        .. Slots,
        .. Blobs,
        .. Roms,
    ];

    private static Mistake[] Logical =>
    [
        new("sixty partitions in an MBR", Box, "partitions:\n", "partitions:\n" + string.Concat(Enumerable.Range(1, 58).Select(i => $"  - {{name: p{i}, type: linux, size: 1MiB}}\n")), "PL4101 69:5, PL1031 3:10") { With = [(Box, MbrBox)] },
        new("a logical partition without a sector for its boot record", Box, "size: 3MiB", "size: 3MiB, offset: 86MiB", "PL4105 13:49, PL1031 3:10") { With = [(Box, FiveInMbr)] },
        new("a logical partition before a primary one", Box, "size: 3MiB", "size: 3MiB, offset: 2MiB", "PL4106 14:49, PL1031 3:10") { With = [(Box, FiveInMbr.Replace("    size: 64MiB\n", "    size: 64MiB\n    offset: 8MiB\n", StringComparison.Ordinal))] },
        new("a blob where the boot record of a logical partition belongs", Box, "    offset: 32KiB\n", "    offset: sector 202753\n", "PL4105 13:49, PL1031 3:10") { With = [(Box, FiveInMbr.Replace("size: 3MiB", "size: 3MiB, offset: sector 203777", StringComparison.Ordinal))] },
        new("attribute bits in an MBR", Box, "size: 3MiB", "size: 3MiB, attributes: [48]", "PL1075 13:41, PL1031 3:10") { With = [(Box, FiveInMbr)] },
        new("an attribute bit that does not exist", Box, "flags: [grow]", "attributes: [64]", "PL1009 16:18, PL1031 3:10"),
        new("a label in an MBR", Box, "size: 3MiB", "size: 3MiB, label: _empty", "PL1075 13:41, PL1031 3:10") { With = [(Box, FiveInMbr)] },
        new("a label that is too long", Box, "flags: [grow]", "label: the label of the partition that holds root", "PL4202 16:12, PL1031 3:10"),
    ];

    private static Mistake[] Hybrid =>
    [
        new("a hybrid MBR", Box, "type: gpt", "type: gpt\n  hybrid: [{partition: esp, type: 0x0c, active: true}]", "PL1087 5:3"),
        new("a hybrid MBR of an MBR", Box, "type: mbr", "type: mbr\n  hybrid: [{partition: esp, type: 0x0c}]", "PL1075 5:3, PL1031 3:10") { With = [(Box, MbrBox)] },
        new("a hybrid MBR with a partition that is not there", Box, "type: gpt", "type: gpt\n  hybrid: [{partition: boot, type: 0x0c}]", "PL1087 5:3, PL1088 5:24, PL1031 3:10"),
        new("a hybrid MBR with a partition twice", Box, "type: gpt", "type: gpt\n  hybrid: [{partition: esp, type: 0x0c}, {partition: esp, type: 0x0e}]", "PL1087 5:3, PL1011 5:54, PL1031 3:10"),
        new("a hybrid MBR with the type of free space", Box, "type: gpt", "type: gpt\n  hybrid: [{partition: esp, type: 0x00}]", "PL1087 5:3, PL1061 5:35, PL1031 3:10"),
        new("a hybrid MBR with four partitions", Box, "type: gpt", "type: gpt\n  hybrid: [{partition: a, type: 0x0c}, {partition: b, type: 0x0c}, {partition: c, type: 0x0c}, {partition: d, type: 0x0c}]", "PL1087 5:3, PL1010 5:11, PL1088 5:24, PL1088 5:52, PL1088 5:80, PL1088 5:108, PL1031 3:10"),
        new("a hybrid MBR with a partition behind its end", Box, "type: gpt", "type: gpt\n  hybrid: [{partition: root, type: 0x83}]", "PL1087 5:3, PL4107 15:11, PL1031 3:10") { With = [(Box, Edit("    size: rest\n", "    size: 3TiB\n"))] },
    ];

    private static Mistake[] Slots =>
    [
        new("a copy of a partition that is not there", Box, "copyOf: root", "copyOf: roof", "PL1088 17:70, PL1031 3:10") { With = [(Box, AbBox)] },
        new("a copy of itself", Box, "copyOf: root", "copyOf: root-b", "PL1092 17:70, PL1031 3:10") { With = [(Box, AbBox)] },
        new("a copy of a copy", Box, "  - {name: root-b", "  - {name: root-c, type: root, filesystem: ext4, size: 1GiB, copyOf: root-b}\n  - {name: root-b", "PL1092 17:70, PL1031 3:10") { With = [(Box, AbBox)] },
        new("a copy with a mount point", Box, "copyOf: root", "copyOf: root, mount: /srv", "PL1092 17:70, PL1031 3:10") { With = [(Box, AbBox)] },
        new("a copy without a file system", Box, "filesystem: ext4, size: 1GiB", "filesystem: swap, size: 1GiB", "PL1092 17:70, PL1031 3:10") { With = [(Box, AbBox)] },
        new("a copy of nothing", Box, "copyOf: root", "copyOf: free", "PL1092 17:70, PL1031 3:10") { With = [(Box, AbBox)] },
        new("a copy that is smaller", Box, "filesystem: ext4, size: 1GiB", "filesystem: ext4, size: 1023MiB", "PL1093 17:56, PL1031 3:10") { With = [(Box, AbBox)] },
        new("a maximum beside a size", Box, "size: 64MiB", "size: 64MiB\n    maximum: 128MiB", "PL1075 10:5, PL1031 3:10"),
        new("a maximum below the minimum", Box, "size: rest", "size: rest\n    minimum: 2GiB\n    maximum: 1GiB", "PL4715 16:14, PL1031 3:10"),
        new("reserved sectors on ext4", Box, "label: root", "reservedSectors: 32", "PL1075 13:30, PL1031 3:10"),
        new("too few reserved sectors for FAT32", Box, "label: ESP", "bits: 32, reservedSectors: 4", "PL4323 8:56, PL1031 3:10"),
        new("first files on ext4", Box, "label: root", "first: [MLO]", "PL1075 13:30, PL1031 3:10"),
        new("a first file in a folder", Box, "label: ESP", "first: [boot/MLO]", "PL1008 8:37, PL1031 3:10"),
    ];

    private static Mistake[] Blobs =>
    [
        new("a path without an image", Box, "{container: /loader.bin}", "{container: /loader.bin, path: /x}", "PL1075 19:36, PL1031 3:10"),
        new("an image without a path", Box, "{container: /loader.bin}", "{image: registry.example/fw:1}", "PL1079 19:11, PL1031 3:10"),
        new("an image without a registry", Box, "{container: /loader.bin}", "{image: fw, path: /x}", "PL1034 19:19, PL1031 3:10"),
        new("a script as the image of a blob", Box, "{container: /loader.bin}", "{image: 'command:make.sh', path: /x}", "PL1034 19:19, PL1031 3:10"),
        new("a platform without an image", Box, "{container: /loader.bin}", "{deb: /x.deb, path: /x, platform: linux/amd64}", "PL1075 19:35, PL1031 3:10"),
        new("a package by a relative path", Box, "{container: /loader.bin}", "{deb: x.deb, path: /x}", "PL1044 19:17, PL1031 3:10"),
        new("padding without a limit", Box, "    limit: 512KiB\n", "    padding: 0xff\n", "PL1075 21:5, PL1031 3:10"),
        new("padding of more than a byte", Box, "    limit: 512KiB\n", "    limit: 512KiB\n    padding: 0x100\n", "PL1008 22:14, PL1031 3:10"),
        new("a header that nobody knows", Box, "    limit: 512KiB\n", "    expect: egon\n", "PL1007 21:13, PL1031 3:10"),
        new("a file without its header", Box, "{container: /loader.bin}", $"{{file: loader.bin, sha256: {LoaderSha256}}}", "PL1095 21:13, PL1031 3:10") { With = [("boards/loader.bin", Loader), (Box, Edit("    limit: 512KiB\n", "    expect: sunxi-egon\n"))] },
        new("a file without a checksum", Box, "{container: /loader.bin}", "{file: loader.bin}", "PL1089 19:18") { With = [("boards/loader.bin", Loader)] },
        new("bytes to keep outside of the blob", Box, "    limit: 512KiB\n", "    limit: 512KiB\n    keep: [{offset: 440B, length: 72B}]\n", "PL1094 22:21, PL1031 3:10"),
        new("a blob in sector 0 that keeps nothing", Box, "    offset: 32KiB\n", "    offset: 0B\n", "PL4103 20:13, PL1031 3:10") { With = [(Box, MbrBox)] },
        new("a blob over the header of a GPT", Box, "    offset: 32KiB\n", "    offset: 512B\n", "PL4203 20:13, PL1031 3:10"),
        new("a blob over moved entries", Box, "type: gpt", "type: gpt\n  entriesAt: 64KiB\n  firstUsable: 1MiB", "PL4204 22:13, PL1031 3:10"),
        new("entries that reach into the first partition", Box, "type: gpt", "type: gpt\n  entries: 1024\n  firstUsable: sector 34", "PL4207 6:16, PL4204 22:13, PL1031 3:10"),
        new("a blob behind the end of the disk", Box, "    offset: 32KiB\n", "    offset: 3GiB\n", "PL4707 21:13, PL1031 3:10") { With = [(Box, Edit("table:\n", "diskSize: 2GiB\ntable:\n"))] },
        new("a blob over the backup of the GPT", Box, "    offset: 32KiB\n    limit: 512KiB\n", "    offset: sector 4194280\n    limit: 12KiB\n", "PL4205 21:13, PL1031 3:10") { With = [(Box, Edit("table:\n", "diskSize: 2GiB\ntable:\n"))] },
        new("a blob across the end of its partition", Box, "    limit: 512KiB\n", "    limit: 2MiB\n", "PL4711 21:13, PL4711 21:13, PL1031 3:10") { With = [(Box, RawBox)] },
        new("a raw partition that does not say it must stay", Box, "offset: 1MiB, flags: [required]", "offset: 1MiB", "PL1097 6:5") { With = [(Box, RawBox)] },
        new("a raw partition of a plain type in an MBR", Box, "type: raw, size: 1MiB", "type: linux, size: 1MiB", "PL1097 6:23") { With = [(Box, RawBox.Replace("type: gpt", "type: mbr", StringComparison.Ordinal).Replace(", flags: [required]", "", StringComparison.Ordinal))] },
    ];

    private static Mistake[] Roms =>
    [
        new("a boot ROM that nobody knows", Box, "table:\n", "rom: rockship\ntable:\n", "PL1007 3:6, PL1031 3:10"),
        new("a GPT for a Raspberry Pi 3", Box, "table:\n", "rom: raspberrypi\ntable:\n", "PL1100 5:9, PL1031 3:10"),
        new("an ESP in the MBR of a Raspberry Pi 3", Box, "table:\n", "rom: raspberrypi\ntable:\n", "PL1104 8:11, PL1031 3:10") { With = [(Box, MbrBox)] },
        new("a Raspberry Pi without a FAT", Box, "table:\n", "rom: raspberrypi-4\ntable:\n", "PL1101 3:6, PL1031 3:10") { With = [(Box, NoFatBox)] },
        new("moved entries on a Raspberry Pi 4", Box, "table:\n", "rom: raspberrypi-4\ntable:\n", "PL1110 6:14, PL1110 7:16, PL1031 3:10") { With = [(Box, Edit("type: gpt", "type: gpt\n  entriesAt: sector 3\n  firstUsable: sector 35"))] },
        new("an inactive FAT on TI K3", Box, "flags: [active]", "flags: []", "PL1103 10:12, PL1031 3:10") { With = [(Box, FatBox("ti-k3"))] },
        new("a FAT on TI K3 that is not first", Box, "partitions:\n", "partitions:\n  - {name: spare, type: linux, size: 1MiB}\n", "PL1102 8:5, PL1031 3:10") { With = [(Box, FatBox("ti-k3"))] },
        new("a type that says another FAT", Box, "type: 0x0c", "type: 0x0e", "PL1105 8:11") { With = [(Box, FatBox("ti-k3"))] },
        new("an inactive FAT on AM335x", Box, "flags: [active]", "flags: []", "PL1103 10:12, PL1031 3:10") { With = [(Box, FatBox("am335x"))] },
        new("an MLO of more than a slot", Box, "limit: 128KiB", "limit: 256KiB", "PL1108 22:12, PL1031 3:10") { With = [(Box, MloBox)] },
        new("an MLO between two slots", Box, "offset: 128KiB", "offset: 192KiB", "PL1106 21:13, PL1031 3:10") { With = [(Box, MloBox)] },
        new("a first partition at 1 MiB on Rockchip", Box, "table:\n", "rom: rockchip\ntable:\n", "PL1107 7:5, PL1031 3:10", true),
        new("a Rockchip loader at another place", Box, "offset: 32KiB", "offset: 64KiB", "PL1106 22:13, PL1031 3:10") { With = [(Box, Edit("table:\n  type: gpt\n", "rom: rockchip\ntable:\n  type: gpt\n  alignment: 16MiB\n"))] },
        new("an Allwinner loader at 32 KiB", Box, "table:\n", "rom: allwinner\ntable:\n", "PL1106 21:13, PL1031 3:10"),
        new("a GPT for Amlogic", Box, "table:\n", "rom: amlogic\ntable:\n", "PL1100 5:9, PL1106 21:13, PL1031 3:10"),
        new("an i.MX6 loader at 32 KiB", Box, "table:\n", "rom: imx6\ntable:\n", "PL1106 21:13, PL1031 3:10"),
        new("an i.MX8MM loader at 32 KiB", Box, "table:\n", "rom: imx8mm\ntable:\n", "PL1106 21:13, PL1031 3:10"),
        new("no loader for i.MX8MP", Box, "blobs:\n  - name: loader\n    from: {container: /loader.bin}\n    offset: 32KiB\n    limit: 512KiB\n", "", "PL1106 3:6, PL1031 3:10") { With = [(Box, Edit("table:\n", "rom: imx8\ntable:\n"))] },
        new("a JH7110 without its partition", Box, "table:\n", "rom: jh7110\ntable:\n", "PL1109 3:6, PL1031 3:10"),
        new("a SiFive loader that does not begin its partition", Box, "offset: 4MiB, size", "offset: 5MiB, size", "PL1109 8:72, PL1031 3:10") { With = [(Box, SiFiveBox)] },
        new("an MBR for SiFive", Box, "table:\n", "rom: sifive\ntable:\n", "PL1100 5:9, PL1031 3:10") { With = [(Box, MbrBox)] },
        new("the EFI loader of another processor", Box, "  method: grub-efi\n", "  method: grub-efi\n  firmware: [{from: /x/BOOTX64.EFI, to: /EFI/BOOT/}]\n", "PL1096 24:41, PL1031 3:10"),
    ];

    private const string Loader = "this is a text and not a loader\n";

    private static string LoaderSha256 => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(Loader)));

    private static string MbrBox => Edit("  type: gpt\n", "  type: mbr\n");

    /// <summary>64 MiB at 1, then 1, 2 and 3 MiB, and root: the third and fourth of these are logical.</summary>
    private static string FiveInMbr => MbrBox.Replace("  - name: root\n", "  - {name: p2, type: linux, size: 1MiB}\n  - {name: p3, type: linux, size: 20MiB}\n  - {name: p5, type: linux, size: 3MiB}\n  - name: root\n", StringComparison.Ordinal);

    private static string AbBox => Edit("    size: rest\n", "    size: 1GiB\n").Replace("blobs:\n", "  - {name: root-b, type: root, filesystem: ext4, size: 1GiB, copyOf: root}\n  - {name: free, type: linux, size: rest}\nblobs:\n", StringComparison.Ordinal);

    private static string RawBox => Edit("partitions:\n", "partitions:\n  - {name: raw, type: raw, size: 1MiB, offset: 1MiB, flags: [required]}\n").Replace("offset: 32KiB", "offset: 1MiB", StringComparison.Ordinal);

    private static string NoFatBox => Edit("type: fat, label: ESP", "type: ext4, label: ESP").Replace("type: esp", "type: linux", StringComparison.Ordinal).Replace("method: grub-efi\n  kernelArguments: [console=tty0]", "method: none", StringComparison.Ordinal);

    private static string FatBox(string rom) => MbrBox.Replace("table:\n", $"rom: {rom}\ntable:\n", StringComparison.Ordinal)
        .Replace("type: esp", "type: 0x0c", StringComparison.Ordinal).Replace("{type: fat, label: ESP}", "{type: fat, bits: 32, label: ESP}\n    flags: [active]", StringComparison.Ordinal);

    private static string MloBox => MbrBox.Replace("table:\n", "rom: am335x\ntable:\n", StringComparison.Ordinal)
        .Replace("name: loader", "name: mlo", StringComparison.Ordinal).Replace("offset: 32KiB\n    limit: 512KiB", "offset: 128KiB\n    limit: 128KiB", StringComparison.Ordinal);

    private static string SiFiveBox => Edit("table:\n", "rom: sifive\ntable:\n")
        .Replace("partitions:\n", "partitions:\n  - {name: spl, type: 5b193300-fc78-40cd-8002-e86c45580b47, offset: sector 34, size: 1MiB, flags: [required]}\n  - {name: u-boot, type: 2e54b353-1271-4842-806f-e436d6af6985, offset: 4MiB, size: 4MiB, flags: [required]}\n", StringComparison.Ordinal)
        .Replace("    offset: 32KiB\n    limit: 512KiB\n", "    offset: sector 34\n    limit: 512KiB\n  - name: second\n    from: {container: /u-boot.itb}\n    offset: 4MiB\n    limit: 1MiB\n", StringComparison.Ordinal);
}
