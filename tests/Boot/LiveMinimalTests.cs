using System.Diagnostics;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Boot;

/// <summary>The shipped minimal system as a live system, by its own small initrd: what no dracut of this machine can be made for.</summary>
public sealed class LiveMinimalTests : IDisposable
{
    private readonly TempDir _temp = new();

    [Theory]
    [InlineData("uefi-arm64", "linux/arm64", BootMachine.Arm64Uefi, "aarch64")]
    [InlineData("uefi-riscv64", "linux/riscv64", BootMachine.Riscv64UBoot, "riscv64")]
    public async Task A_live_disk_of_another_architecture_boots_by_uefi(string board, string platform, BootMachine machine, string kernelMachine)
    {
        var ct = TestContext.Current.CancellationToken;
        await BuildAsync(board, platform, ct);

        var log = await QemuMachine.BootAsync(machine, _temp["disk.img"], ct);

        log.ShouldHaveBooted().After(QemuMachine.Marker).ShouldHaveSingleItem().ShouldEndWith(" " + kernelMachine);
        log.After("PIPELINE-CMDLINE").ShouldHaveSingleItem().ShouldContain("root=live:PARTLABEL=C2BOOT rd.live.dir=/container2boot rd.live.image rd.live.overlay.overlayfs=1 rd.live.overlay.readonly");
        log.After("PIPELINE-MOUNT").ShouldContain(m => m.StartsWith("/dev/loop0 /run/rootfsbase squashfs ro", StringComparison.Ordinal), log.Serial);
    }

    public void Dispose() => _temp.Dispose();

    private async Task BuildAsync(string board, string platform, CancellationToken ct)
    {
        var tar = await DebianMinimal.TarAsync(platform, ct);
        var built = await Task.Run(
            () => PipelineProcess.Run(new ProcessStartInfo(
                PipelineProcess.Dotnet, [PipelineProcess.Dll, "build", "--from", $"tar:{tar}", "--as", "live", "--board", board, "-o", _temp["disk.img"], "--cache", _temp["cache"]])),
            ct);
        built.ExitCode.ShouldBe(0, built.Output);
    }
}
