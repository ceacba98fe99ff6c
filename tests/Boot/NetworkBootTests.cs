using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Boot;

/// <summary>Machines without a disk boot from what <c>pipeline serve</c> serves: iPXE takes script, kernel and initrd, dracut the root; UEFI firmware takes one program.</summary>
public sealed class NetworkBootTests : IDisposable
{
    /// <summary>What starts it need not be in it.</summary>
    private const string AllInitrd = """
        [{kind: netboot, efi: true, root: {type: initrd, compression: zstd, level: 3}, exclude: ["/usr/lib/modules/*/initramfs.img", "/usr/lib/modules/*/vmlinuz", /usr/lib/systemd/boot]}]
        """;

    private readonly LiveImages _images = new() { KernelArguments = "[no_timer_check]" };

    [Fact]
    public async Task Ipxe_of_a_bios_boots_a_root_that_is_fetched()
    {
        var ct = TestContext.Current.CancellationToken;
        await _images.BuildAsync("pc-x86_64", "linux/amd64", "[{kind: netboot, root: {type: squashfs, level: 3}}]", await DracutInitrd.LiveAsync(ct), ct);
        using var served = await ServedRelease.StartAsync(_images.Out, ct);

        var log = await QemuMachine.BootAsync(BootMachine.X86BiosNetwork, served.GuestAddress + "boot.ipxe", ct);

        log.ShouldHaveBooted().After(QemuMachine.Marker).ShouldHaveSingleItem().ShouldBe("kiosk x86_64");
        log.After("PIPELINE-CMDLINE").ShouldHaveSingleItem().ShouldContain($"initrd=kiosk-pc-x86_64.initrd.img root=live:{served.GuestAddress}kiosk-pc-x86_64.squashfs ");
        log.After("PIPELINE-MOUNT").ShouldContain(m => m.StartsWith("/dev/loop0 /run/rootfsbase squashfs ro", StringComparison.Ordinal), log.Serial);
        (await served.StopAsync(ct)).ShouldBe(0);
        (await served.Log).ShouldContain("GET /kiosk-pc-x86_64.squashfs 200");
    }

    /// <summary>Kernel and initrd alone, for iPXE apart and for the firmware in one program: nothing else is fetched.</summary>
    [Fact]
    public async Task A_system_that_is_all_initrd_boots_through_ipxe_of_uefi_and_by_the_firmware_itself()
    {
        var ct = TestContext.Current.CancellationToken;
        await _images.BuildAsync("pc-x86_64", "linux/amd64", AllInitrd, await DracutInitrd.LiveAsync(ct), ct);
        using var served = await ServedRelease.StartAsync(_images.Out, ct);

        var chained = await QemuMachine.BootAsync(BootMachine.X86UefiNetwork, served.GuestAddress + "boot.ipxe", ct);
        var fetched = await FetchAsync(served.GuestAddress + "kiosk-pc-x86_64.efi", ct);
        var missing = await FetchAsync(served.GuestAddress + "another-pc-x86_64.efi", ct);

        foreach (var log in new[] { chained, fetched })
        {
            log.ShouldHaveBooted().After(QemuMachine.Marker).ShouldHaveSingleItem().ShouldBe("kiosk x86_64");
            log.After("PIPELINE-CMDLINE").ShouldHaveSingleItem().ShouldNotContain("root=");
        }
        fetched.Serial.ShouldContain(">>Start HTTP Boot over IPv4");
        (missing.Verdict, missing.Reason).ShouldBe((BootVerdict.Refused, "Error: Could not retrieve NBP file size from HTTP server."), missing.Serial);
        (await served.StopAsync(ct)).ShouldBe(0);
        var asked = await served.Log;
        asked.ShouldContain("GET /kiosk-pc-x86_64.efi 200");
        asked.ShouldContain("HEAD /another-pc-x86_64.efi 404");
    }

    /// <summary>A PC whose firmware has a boot entry with an address.</summary>
    private async Task<BootLog> FetchAsync(string url, CancellationToken ct)
    {
        await File.WriteAllBytesAsync(_images["variables.fd"], EfiVariables.BootingFrom(url), ct);
        return await QemuMachine.BootAsync(BootMachine.X86UefiHttp, _images["variables.fd"], ct);
    }

    public void Dispose() => _images.Dispose();
}
