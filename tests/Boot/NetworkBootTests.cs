using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Boot;

/// <summary>Machines without a disk boot from what <c>pipeline serve</c> serves: iPXE takes script, kernel and initrd, dracut the root.</summary>
public sealed class NetworkBootTests : IDisposable
{
    private readonly LiveImages _images = new();

    [Fact]
    public async Task Ipxe_boots_by_http_under_a_bios_and_under_uefi()
    {
        var ct = TestContext.Current.CancellationToken;
        await _images.BuildAsync("pc-x86_64", "linux/amd64", "[{kind: netboot, root: {type: squashfs, level: 3}}]", await DracutInitrd.LiveAsync(ct), ct);
        using var served = await ServedRelease.StartAsync(_images.Out, ct);

        foreach (var machine in new[] { BootMachine.X86BiosNetwork, BootMachine.X86UefiNetwork })
        {
            var log = await QemuMachine.BootAsync(machine, served.GuestAddress + "boot.ipxe", ct);

            log.ShouldHaveBooted().After(QemuMachine.Marker).ShouldHaveSingleItem().ShouldBe("kiosk x86_64");
            log.After("PIPELINE-CMDLINE").ShouldHaveSingleItem().ShouldContain($"initrd=kiosk-pc-x86_64.initrd.img root=live:{served.GuestAddress}kiosk-pc-x86_64.squashfs ");
            log.After("PIPELINE-MOUNT").ShouldContain(m => m.StartsWith("/dev/loop0 /run/rootfsbase squashfs ro", StringComparison.Ordinal), log.Serial);
        }
        (await served.StopAsync(ct)).ShouldBe(0);
        (await served.Log).ShouldContain("GET /kiosk-pc-x86_64.squashfs 200");
    }

    /// <summary>Kernel and initrd alone: nothing else is fetched.</summary>
    [Fact]
    public async Task Ipxe_boots_a_system_that_is_all_initrd()
    {
        var ct = TestContext.Current.CancellationToken;
        await _images.BuildAsync("pc-x86_64", "linux/amd64", "[{kind: netboot, root: {type: initrd, compression: zstd, level: 3}}]", await DracutInitrd.LiveAsync(ct), ct);
        using var served = await ServedRelease.StartAsync(_images.Out, ct);

        var log = await QemuMachine.BootAsync(BootMachine.X86BiosNetwork, served.GuestAddress + "boot.ipxe", ct);

        log.ShouldHaveBooted().After(QemuMachine.Marker).ShouldHaveSingleItem().ShouldBe("kiosk x86_64");
        log.After("PIPELINE-CMDLINE").ShouldHaveSingleItem().ShouldNotContain("root=");
    }

    public void Dispose() => _images.Dispose();
}
