namespace Pipeline.Boards;

/// <summary>Every shipped board, as the documents that its file cites have it.</summary>
internal static class BoardTable
{
    private const long KiB = 1 << 10;
    private const long Sector = 512;

    private const string Fdt = "d00dfeed";
    private const string Egon = "65474f4e2e425430";   // eGON.BT0, 4 bytes into Allwinner's SPL

    private const string Toc = "434853455454494e4753";    // CHSETTINGS, in the table of contents of an MLO

    private const string Esp = "C12A7328-F81F-11D2-BA4B-00A0C93EC93B";
    private const string BiosBoot = "21686148-6449-6E6F-744E-656564454649";
    private const string RawLoader = "8DA63339-0007-60C0-C436-083AC8230908";
    private const string RootAmd64 = "4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709";
    private const string RootArm = "69DAD710-2CE4-4E3C-B16C-21A1D49ABED3";
    private const string RootArm64 = "B921B045-1DF0-41C3-AF44-4C6F280D3FAE";
    private const string RootRiscv64 = "72EC70A6-CF74-40E6-BD49-4BDA08E8F224";
    private const string SiFiveSpl = "5B193300-FC78-40CD-8002-E86C45580B47";
    private const string SiFiveUBoot = "2E54B353-1271-4842-806F-E436D6AF6985";
    private const string Jh7110Spl = SiFiveUBoot;
    private const string Jh7110UBoot = "BC13C2FF-59E6-4262-A352-B275FD6F7172";

    // UAPI Group: bit 59 grows the file system. UEFI: bit 0 is required, bit 2 legacy bootable.
    private const string Grow = "GUID:59";
    private const string Bootable = "LegacyBIOSBootable GUID:59";
    private const string Required = "RequiredPartition";
    private const string Active = "active";

    private const string UBoot = "/usr/lib/u-boot/";
    private const string Pi5Kernel = "6.12.0-test-rpi-2712";   // as Raspberry Pi's own kernels for it end
    private const string PiFirmware = "/usr/lib/raspi-firmware/";
    private const string Grub = "/usr/lib/grub/i386-pc/";

    public static readonly BoardFacts[] All =
    [
        Uefi("uefi-x86_64", RootAmd64, "BOOTX64.EFI"),
        new("pc-x86_64", "gpt", new(2048, 2048, BiosBoot), new(4096, 262144, Esp), new(266240, null, RootAmd64, Grow))
        {
            // The first sector loads the sector at the number in its bytes 92 to 99, which says at 500 where the rest begins.
            Places =
            [
                new(0, Grub + "boot.img", "0008000000000000", 92, Length: 92),
                new(2048 * Sector, Grub + "diskboot.img", "0108000000000000", 500, Length: 500),
            ],
            FatFiles = [("EFI/BOOT/BOOTX64.EFI", "/boot/efi/EFI/BOOT/BOOTX64.EFI")],
            FatPartition = 1,
        },
        Uefi("uefi-arm64", RootArm64, "BOOTAA64.EFI"),
        Uefi("uefi-riscv64", RootRiscv64, "BOOTRISCV64.EFI"),
        new("uboot-arm", "gpt", new Entry(2048, null, RootArm, Bootable)),
        new("uboot-arm64", "gpt", new Entry(2048, null, RootArm64, Bootable)),
        new("uboot-riscv64", "gpt", new Entry(2048, null, RootRiscv64, Bootable)),
        K3("sk-am62", "am62x_evm"),
        K3("beagleplay", "am62x_beagleplay"),
        Card("beaglebone",
            new(128 * KiB, UBoot + "am335x_boneblack/MLO", Toc, 0x14),
            new(256 * KiB, UBoot + "am335x_boneblack/MLO", Toc, 0x14),
            new(0x300 * Sector, UBoot + "am335x_boneblack/u-boot.img", Fdt)),
        Card("orangepi-pc", new Place(8 * KiB, UBoot + "orangepi_plus/u-boot-sunxi-with-spl.bin", Egon, 4)),
        Card("cubieboard", new Place(8 * KiB, UBoot + "Cubieboard/u-boot-sunxi-with-spl.bin", Egon, 4)),
        Pi("raspberry-pi-zero", Active, "", [("bootcode.bin", PiFirmware), ("start.elf", PiFirmware), ("fixup.dat", PiFirmware)]),
        Pi("raspberry-pi-3", "", Active, [("bootcode.bin", PiFirmware), ("start.elf", PiFirmware), ("fixup.dat", PiFirmware), ("u-boot.bin", UBoot + "rpi_arm64/")]),
        Pi("raspberry-pi-4", Active, "", [("start4.elf", PiFirmware), ("fixup4.dat", PiFirmware)]),
        Pi("raspberry-pi-5", Active, "", [("bcm2712-rpi-5-b.dtb", $"/usr/lib/linux-image-{Pi5Kernel}/broadcom/")]) with { Kernel = Pi5Kernel },
        Card("nanopi-neo2",
            new(16 * Sector, UBoot + "nanopi_neo2/sunxi-spl.bin", Egon, 4),
            new(80 * Sector, UBoot + "nanopi_neo2/u-boot-sunxi-with-spl.fit.itb", Fdt)),
        new("pine64", "gpt", new(256, 1792, RawLoader, Required), new(8192, null, RootArm64, Bootable))
        {
            Places =
            [
                new(256 * Sector, UBoot + "pine64_plus/sunxi-spl.bin", Egon, 4),
                new(320 * Sector, UBoot + "pine64_plus/u-boot-sunxi-with-spl.fit.itb", Fdt),
            ],
        },
        new("rockpro64", "gpt", new(64, 8000, RawLoader, Required), new(16384, 8192, RawLoader, Required), new(32768, null, RootArm64, Bootable))
        {
            Places =
            [
                new(64 * Sector, UBoot + "rockpro64-rk3399/idbloader.img", RockchipRc4),
                new(16384 * Sector, UBoot + "rockpro64-rk3399/u-boot.itb", Fdt),
            ],
        },
        new("rock-5b", "gpt", new(64, 32704, RawLoader, Required), new(32768, null, RootArm64, Bootable))
        {
            Places =
            [
                new(64 * Sector, StandIns.RockchipBin, "524b4e53"),                                // RKNS
                new(16384 * Sector, StandIns.RockchipBin, Fdt, From: 0x7f8000),
            ],
        },
        Card("khadas-vim3",
            new(0, StandIns.AmlogicCard, Length: 440),
            new(512, StandIns.AmlogicCard, "40414d4c", 0x10, From: 512)),                           // @AML
        new("debix-model-a", "gpt", new(64, 8128, RawLoader, Required), new(16384, null, RootArm64, Bootable))
        {
            Places =
            [
                new(32 * KiB, StandIns.Flash, "d1002041"),
                new(0x300 * Sector, StandIns.Flash, Fdt, From: 0x58000),
            ],
        },
        Card("sabrelite", new Place(2 * Sector, UBoot + "mx6qsabrelite/u-boot-dtb.imx", "d1002040")),
        new("visionfive2", "gpt", new(4096, 4096, Jh7110Spl, Required), new(8192, 8192, Jh7110UBoot, Required), new(16384, null, RootRiscv64, Bootable))
        {
            Places =
            [
                new(4096 * Sector, UBoot + "starfive_visionfive2/u-boot-spl.bin.normal.out", "01010101", 0x284),
                new(8192 * Sector, UBoot + "starfive_visionfive2/u-boot.itb", Fdt),
            ],
        },
        SiFive("unmatched", "sifive_unmatched"),
        SiFive("unleashed", "sifive_unleashed"),
    ];

    /// <summary>The first word of an idbloader for older SoCs, 0x0ff0aa55, enciphered with Rockchip's well-known RC4 key.</summary>
    private const string RockchipRc4 = "3b8cdcfc";

    private static BoardFacts Uefi(string board, string root, string loader) =>
        new(board, "gpt", new(2048, 262144, Esp), new(264192, null, root, Grow))
        {
            FatFiles = [($"EFI/BOOT/{loader}", $"/boot/efi/EFI/BOOT/{loader}")],
        };

    private static BoardFacts K3(string board, string folder) =>
        new(board, "dos", new(2048, 1048576, "c", Active), new(1050624, null, "83"))
        {
            FatFiles =
            [
                ("tiboot3.bin", $"{UBoot}{folder}/tiboot3.bin"),
                ("tispl.bin", $"{UBoot}{folder}/tispl.bin"),
                ("u-boot.img", $"{UBoot}{folder}/u-boot.img"),
            ],
        };

    /// <summary>The types of FAT32 with LBA, and of Linux, in an MBR that every model reads.</summary>
    private static BoardFacts Pi(string board, string firmware, string root, (string Name, string Folder)[] files) =>
        new(board, "dos", new(8192, 1048576, "c", firmware), new(1056768, null, "83", root))
        {
            FatFiles = [.. files.Select(f => (f.Name, f.Folder + f.Name))],
        };

    private static BoardFacts SiFive(string board, string folder) =>
        new(board, "gpt", new(34, 2048, SiFiveSpl, Required), new(2082, 8192, SiFiveUBoot, Required), new(16384, null, RootRiscv64, Bootable))
        {
            Places =
            [
                new(34 * Sector, $"{UBoot}{folder}/u-boot-spl.bin"),
                new(2082 * Sector, $"{UBoot}{folder}/u-boot.itb", Fdt),
            ],
        };

    /// <summary>An MBR with one partition, from 4 MiB on, behind the loader.</summary>
    private static BoardFacts Card(string board, params Place[] places) => new(board, "dos", new Entry(8192, null, "83", Active)) { Places = places };
}
