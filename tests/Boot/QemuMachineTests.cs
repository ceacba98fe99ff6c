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
    [InlineData("=> boot\n")]
    public void Other_lines_do_not_decide(string serial) => QemuMachine.Judge(serial).ShouldBeNull();
}
