namespace Pipeline.Kit;

/// <summary>The machines that QEMU can be for us.</summary>
public enum BootMachine
{
    /// <summary>PC with UEFI firmware, disk on virtio.</summary>
    X86Uefi,

    /// <summary>PC with a BIOS, disk on virtio.</summary>
    X86Bios,

    /// <summary>PC with UEFI firmware and no disk: iPXE on its network card takes a script by HTTP. The image is the script's URL.</summary>
    X86UefiNetwork,

    /// <summary>PC whose UEFI firmware fetches a program by HTTP, without a disk and without iPXE. The image is the firmware's variables: <see cref="EfiVariables.BootingFrom"/>.</summary>
    X86UefiHttp,

    /// <summary>PC with a BIOS and no disk: iPXE as above.</summary>
    X86BiosNetwork,

    /// <summary>PC whose firmware is handed a kernel: the image is the beginning of the names of LinuxKit's files, such as <c>out/kit-box</c>.</summary>
    X86Kernel,

    /// <summary>64-bit Arm with UEFI firmware, disk on virtio.</summary>
    Arm64Uefi,

    /// <summary>64-bit Arm with U-Boot as its firmware, disk on virtio.</summary>
    Arm64UBoot,

    /// <summary>32-bit Arm with U-Boot as its firmware, disk on virtio.</summary>
    ArmUBoot,

    /// <summary>64-bit RISC-V with OpenSBI and U-Boot as its firmware, disk on virtio.</summary>
    Riscv64UBoot,

    /// <summary>SiFive HiFive Unleashed, SD card. Its boot ROM is not emulated: the SPL of the card is handed over as a file.</summary>
    SiFiveU,

    /// <summary>PC with UEFI firmware, the image in a CD drive.</summary>
    X86UefiCd,

    /// <summary>PC with UEFI firmware, the image on a USB stick.</summary>
    X86UefiUsb,

    /// <summary>PC with UEFI firmware that starts only what is signed with Microsoft's keys, the image in a CD drive.</summary>
    X86SecureBootCd,

    /// <summary>PC with a BIOS, the image in a CD drive.</summary>
    X86BiosCd,

    /// <summary>64-bit Arm with UEFI firmware, the image in a CD drive.</summary>
    Arm64UefiCd,

    /// <summary>Orange Pi PC (Allwinner H3): its boot ROM loads the SPL at byte 8192 of the SD card. The card's size must be a power of two.</summary>
    OrangePiPc,
}

/// <summary>QEMU's command line for a machine. The image itself is never written: <c>snapshot=on</c>.</summary>
public static class BootCommand
{
    // KVM may be there and yet unusable on build machines; emulation is the same everywhere.
    private static readonly string[] Common =
        ["-accel", "tcg", "-nographic", "-monitor", "none", "-serial", "stdio", "-no-reboot"];

    public static string Program(BootMachine machine) => machine switch
    {
        BootMachine.X86Uefi or BootMachine.X86Bios or BootMachine.X86UefiNetwork or BootMachine.X86BiosNetwork or BootMachine.X86UefiHttp or BootMachine.X86UefiCd or BootMachine.X86UefiUsb
            or BootMachine.X86SecureBootCd or BootMachine.X86BiosCd or BootMachine.X86Kernel => "qemu-system-x86_64",
        BootMachine.Arm64Uefi or BootMachine.Arm64UBoot or BootMachine.Arm64UefiCd => "qemu-system-aarch64",
        BootMachine.Riscv64UBoot or BootMachine.SiFiveU => "qemu-system-riscv64",
        _ => "qemu-system-arm",
    };

    /// <summary>What a person would type, in order: once the left side has been said, the right side.</summary>
    public static (string Said, string Typed)[] Keys(BootMachine machine) => machine switch
    {
        // QEMU's card answers U-Boot's first question with nothing, and the second with all.
        BootMachine.SiFiveU => [("Hit any key", " "), ("=> ", "mmc dev 0\n"), ("=> ", "run bootcmd_mmc0\n")],
        _ => [],
    };

    /// <param name="loaderPath">What the boot ROM would have read, where the machine has none.</param>
    public static string[] Arguments(BootMachine machine, string imagePath, string? loaderPath = null) =>
    [
        .. Common,
        .. machine switch
        {
            BootMachine.X86UefiNetwork or BootMachine.X86BiosNetwork => Network(imagePath),
            // Without a ROM on the card there is no iPXE, and the firmware drives it itself.
            BootMachine.X86UefiHttp => ["-netdev", "user,id=net", "-device", "virtio-net-pci,netdev=net,romfile="],
            _ => (string[])["-nic", "none"],
        },
        .. machine switch
        {
            BootMachine.X86Uefi =>
            [
                "-machine", "q35", "-smp", "1", "-m", "512",
                .. Firmware("/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd"), .. Disk("virtio", imagePath),
            ],
            BootMachine.X86UefiNetwork =>
            [
                "-machine", "q35", "-smp", "1", "-m", "1024",
                .. Firmware("/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd"),
            ],
            BootMachine.X86UefiHttp => ["-machine", "q35", "-smp", "1", "-m", "1024", .. Firmware("/usr/share/OVMF/OVMF_CODE_4M.fd", imagePath)],
            BootMachine.X86BiosNetwork => ["-machine", "pc", "-smp", "1", "-m", "1024"],
            BootMachine.X86Bios => ["-machine", "pc", "-smp", "1", "-m", "512", .. Disk("virtio", imagePath)],
            BootMachine.X86BiosCd => ["-machine", "pc", "-smp", "1", "-m", "512", "-cdrom", imagePath],
            BootMachine.X86Kernel =>
            [
                "-machine", "q35", "-smp", "1", "-m", "512",
                "-kernel", imagePath + "-kernel", "-initrd", imagePath + "-initrd.img", "-append", File.ReadAllText(imagePath + "-cmdline"),
                .. imagePath.EndsWith("-squashfs", StringComparison.Ordinal) ? Disk("virtio", imagePath + ".img") : [],
            ],
            BootMachine.X86UefiCd =>
            [
                "-machine", "q35", "-smp", "1", "-m", "512",
                .. Firmware("/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd"), "-cdrom", imagePath,
            ],
            BootMachine.X86UefiUsb =>
            [
                "-machine", "q35", "-smp", "1", "-m", "512", "-device", "qemu-xhci",
                .. Firmware("/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd"), .. Disk("none,id=stick", imagePath), "-device", "usb-storage,drive=stick",
            ],
            // The firmware keeps its variables where only its own code in system management mode can write.
            BootMachine.X86SecureBootCd =>
            [
                "-machine", "q35,smm=on", "-global", "driver=cfi.pflash01,property=secure,value=on", "-smp", "1", "-m", "512",
                .. Firmware("/usr/share/OVMF/OVMF_CODE_4M.secboot.fd", "/usr/share/OVMF/OVMF_VARS_4M.ms.fd"), "-cdrom", imagePath,
            ],
            BootMachine.Arm64UefiCd =>
            [
                "-machine", "virt", "-cpu", "cortex-a57", "-smp", "1", "-m", "512", "-device", "virtio-scsi-pci",
                .. Firmware("/usr/share/AAVMF/AAVMF_CODE.fd", "/usr/share/AAVMF/AAVMF_VARS.fd"),
                "-drive", $"if=none,id=cd,media=cdrom,readonly=on,format=raw,file={imagePath.Replace(",", ",,", StringComparison.Ordinal)}", "-device", "scsi-cd,drive=cd",
            ],
            BootMachine.Arm64Uefi =>
            [
                "-machine", "virt", "-cpu", "cortex-a57", "-smp", "1", "-m", "512",
                .. Firmware("/usr/share/AAVMF/AAVMF_CODE.fd", "/usr/share/AAVMF/AAVMF_VARS.fd"), .. Disk("virtio", imagePath),
            ],
            BootMachine.Arm64UBoot =>
            [
                "-machine", "virt", "-cpu", "cortex-a57", "-smp", "1", "-m", "512",
                "-bios", "/usr/lib/u-boot/qemu_arm64/u-boot.bin", .. Disk("virtio", imagePath),
            ],
            BootMachine.ArmUBoot =>
            [
                "-machine", "virt", "-cpu", "cortex-a15", "-smp", "1", "-m", "512",
                "-bios", "/usr/lib/u-boot/qemu_arm/u-boot.bin", .. Disk("virtio", imagePath),
            ],
            BootMachine.Riscv64UBoot =>
            [
                "-machine", "virt", "-smp", "1", "-m", "512",
                "-kernel", "/usr/lib/u-boot/qemu-riscv64_smode/uboot.elf", .. Disk("virtio", imagePath),
            ],
            // U-Boot believes its device tree, which says 8 GiB; few of them are touched.
            BootMachine.SiFiveU =>
            [
                "-machine", "sifive_u,msel=11,memory-backend=ram", "-object", "memory-backend-ram,id=ram,size=8G,reserve=off",
                "-m", "8G", "-smp", "2", "-bios", loaderPath!, .. Disk("sd", imagePath),
            ],
            BootMachine.OrangePiPc => (string[])["-machine", "orangepi-pc", .. Disk("sd", imagePath)],
            _ => throw new ArgumentOutOfRangeException(nameof(machine)),
        },
    ];

    private static string[] Disk(string bus, string path) =>
        ["-drive", $"if={bus},format=raw,snapshot=on,file={path.Replace(",", ",,", StringComparison.Ordinal)}"];

    /// <summary>The host's loopback is 10.0.2.2 for the guest; QEMU's own DHCP server names the script.</summary>
    private static string[] Network(string url) => ["-nic", $"user,model=virtio-net-pci,bootfile={url.Replace(",", ",,", StringComparison.Ordinal)}", "-boot", "n"];

    private static string[] Firmware(string codePath, string variablesPath) =>
    [
        "-drive", $"if=pflash,unit=0,format=raw,readonly=on,file={codePath}",
        "-drive", $"if=pflash,unit=1,format=raw,snapshot=on,file={variablesPath.Replace(",", ",,", StringComparison.Ordinal)}",
    ];
}
