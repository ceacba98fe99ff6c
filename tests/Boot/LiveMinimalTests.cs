using System.Diagnostics;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Boot;

/// <summary>The shipped minimal system as a live system, by its own small initrd: what no dracut of this machine can be made for.</summary>
[Collection(BootQueues.First)]
public sealed class LiveMinimalTests : IDisposable
{
    private readonly TempDir _temp = new();

    [Fact]
    public async Task A_live_disk_of_another_architecture_boots_by_uefi()
    {
        var ct = TestContext.Current.CancellationToken;
        await BuildAsync("uefi-arm64", "linux/arm64", ct);

        var log = await QemuMachine.BootAsync(BootMachine.Arm64Uefi, _temp["disk.img"], ct);

        log.ShouldHaveBooted().After(QemuMachine.Marker).ShouldHaveSingleItem().ShouldEndWith(" aarch64");
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
