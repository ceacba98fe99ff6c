using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Boot;

/// <summary>The judge of boots says no to disks that cannot boot, and does not wait for its time limit to say so.</summary>
public sealed class QemuMachineTests
{
    [Theory]
    [InlineData(BootMachine.X86Uefi, BootVerdict.Refused)]
    [InlineData(BootMachine.X86Bios, BootVerdict.Refused)]
    [InlineData(BootMachine.Arm64UBoot, BootVerdict.Refused)]
    [InlineData(BootMachine.OrangePiPc, BootVerdict.Silent)]
    public async Task An_empty_disk_does_not_boot(BootMachine machine, BootVerdict expected)
    {
        using var folder = new TempDir();
        await using (var disk = File.Create(folder["empty.img"]))
            disk.SetLength(64 << 20);

        var log = await QemuMachine.BootAsync(machine, folder["empty.img"], TestContext.Current.CancellationToken,
            limit: expected == BootVerdict.Silent ? QemuMachine.SilenceLimit : null);

        log.Verdict.ShouldBe(expected, $"{log.Reason}\n{log.Serial}");
    }

    /// <summary>Its processor is held from the start, as one that hangs in its firmware; the second start has the whole limit.</summary>
    [Fact]
    public async Task A_machine_that_hangs_in_its_firmware_is_started_once_more()
    {
        string[] held = [.. BootCommand.Arguments(BootMachine.X86Bios, "/dev/null"), "-S"];
        var firmware = TimeSpan.FromSeconds(2);

        var log = await QemuMachine.BootAsync(BootMachine.X86Bios, held, new(firmware * 2, firmware), TestContext.Current.CancellationToken);

        log.Verdict.ShouldBe(BootVerdict.Silent);
        TestContext.Current.TestOutputHelper.ShouldNotBeNull().Output.ShouldContain("X86Bios: nothing but the firmware's name within 00:00:02; started again");
    }

    [Fact]
    public async Task A_machine_that_cannot_start_has_ended()
    {
        var log = await QemuMachine.BootAsync(BootMachine.X86Bios, "/nonexistent/disk.img", TestContext.Current.CancellationToken);

        log.Verdict.ShouldBe(BootVerdict.Ended);
        log.Serial.ShouldContain("/nonexistent/disk.img");
    }

    [Theory]
    [InlineData("[    2.1] Kernel panic - not syncing: VFS: Unable to mount root fs\n", BootVerdict.Refused)]
    [InlineData("initrd: root=PARTUUID=1-01 was not found in 60 seconds\n", BootVerdict.Refused)]
    [InlineData("  Client Error: 404 Not Found\n  Error: Could not retrieve NBP file size from HTTP server.\n", BootVerdict.Refused)]
    [InlineData("error: no such device.\ngrub rescue> ", BootVerdict.Refused)]
    [InlineData("error: bad shim signature.\nerror: you need to load the kernel first.\n", BootVerdict.Refused)]
    [InlineData("PIPELINE-MOUNT-FAILED some entries of /etc/fstab\n", BootVerdict.Refused)]
    [InlineData("PIPELINE-BOOT-OK debian-minimal x86_64\n", BootVerdict.Booted)]
    public void One_line_decides(string serial, BootVerdict expected) =>
        QemuMachine.Judge("some firmware\n" + serial).ShouldNotBeNull().Verdict.ShouldBe(expected);

    [Theory]
    [InlineData("[    0.0] Kernel command line: root=PARTUUID=1 init=/x PIPELINE-BOOT-OK a b\n")]
    [InlineData("PIPELINE-BOOT-OK debian-minimal")]
    [InlineData("  Client Error: 404 Not Found\n  Error: Could not retrieve NBP file size from")]
    [InlineData("[    2.1] Kernel panic - not syncing: VFS")]
    [InlineData("=> boot\n")]
    public void Other_lines_do_not_decide(string serial) => QemuMachine.Judge(serial).ShouldBeNull();

    [Theory]
    [InlineData("", true)]
    [InlineData("UEFI firmware (version  built at 13:10:49 on Nov  5 2024)\n\n", true)]
    [InlineData("UEFI firmware (version  built at 13:10:49 on Nov  5 2024)\nBdsDxe: loading Boot0001\n", false)]
    [InlineData("U-Boot SPL 2023.01\n", false)]
    public void A_firmware_that_goes_on_does_not_hang(string serial, bool isNameOnly) => QemuMachine.IsFirmwareOnly(serial).ShouldBe(isNameOnly);

    /// <summary>A quiet kernel says nothing, so that the first word of the guest would stand behind the firmware's last.</summary>
    [Fact]
    public void What_the_firmware_left_open_is_a_line_of_its_own()
    {
        var serial = QemuMachine.Clean("SeaBIOS (version 1)\r\nBooting from ROM..PIPELINE-BOOT-OK kit x86_64\r\n");

        QemuMachine.Judge(serial).ShouldNotBeNull().Line.ShouldBe("PIPELINE-BOOT-OK kit x86_64");
        QemuMachine.Clean("Booting from ROM...\r\n[    0.0] Linux\r\n").ShouldBe("Booting from ROM...\n[    0.0] Linux\n");
    }
}
