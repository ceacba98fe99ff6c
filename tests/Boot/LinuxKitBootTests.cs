using System.Diagnostics;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Boot;

/// <summary>A system of LinuxKit's format comes up, and its containers run as our files for the runtime say.</summary>
[Collection(BootQueues.First)]
public sealed class LinuxKitBootTests : IDisposable
{
    private const string System = """
        kernel:
          image: oci:layout:kernel
          cmdline: "console=ttyS0 panic=-1 quiet"
        init:
          - oci:layout:init
        volumes:
          - name: data
        onboot:
          - name: first
            image: oci:layout:tools
            binds: [data:/data]
            command: [sh, -c, "echo LINUXKIT-SAYS first $(id -u):$(id -g) $(awk '/CapEff/{print $2}' /proc/self/status) $(ulimit -n); echo kept >/data/said; touch /written && echo LINUXKIT-SAYS first-wrote"]
          - name: second
            image: oci:layout:tools
            readonly: true
            uid: second
            gid: "7"
            uts: new
            hostname: inside
            rlimits: ["nofile,33,44"]
            capabilities: [none]
            binds: ["data:/data:ro", "/etc/motd:/srv/motd"]
            command: [sh, -c, "echo LINUXKIT-SAYS second $(id -u):$(id -g) $(awk '/CapEff/{print $2}' /proc/self/status) $(ulimit -n) $(hostname) $(cat /data/said) $GREETING; touch /written 2>/dev/null || echo LINUXKIT-SAYS second-readonly; touch /data/x 2>/dev/null || echo LINUXKIT-SAYS second-volume-readonly; ls /written 2>/dev/null || echo LINUXKIT-SAYS second-own-root"]
          - name: broken
            image: oci:layout:tools
            command: [/no/such/program]
        services:
          - name: plain
            image: oci:layout:tools
        files:
          - path: etc/motd
            contents: welcome
            mode: "0644"
          - path: etc/secret
            contents: s
            uid: second

        """;

    private readonly TempDir _folder = new();

    /// <summary>The board's own disk, and LinuxKit's raw-efi, whose system partition a BIOS starts as well.</summary>
    [Theory]
    [InlineData("disk", "kit-uefi-x86_64.img", BootMachine.X86Uefi)]
    [InlineData("raw-efi", "kit-uefi-x86_64.live.img", BootMachine.X86Bios)]
    public async Task Containers_run_as_their_settings_say(string output, string file, BootMachine machine)
    {
        var ct = TestContext.Current.CancellationToken;
        var image = Path.Combine(await BuildAsync(output, ct), file);

        var log = (await QemuMachine.BootAsync(machine, image, ct)).ShouldHaveBooted();

        log.After("LINUXKIT-SAYS").ShouldBe(
        [
            "first 0:0 0000000000000020 77", "first-wrote",
            "second 101:7 0000000000000000 33 inside kept hello", "second-readonly", "second-volume-readonly", "second-own-root",
            "default /srv hello",
        ], log.Serial);
        log.After("LINUXKIT-ENDED").ShouldBe(["000-first 0", "001-second 0", "002-broken 1", "plain 0"], log.Serial);
        log.After("LINUXKIT-MOTD").ShouldBe(["welcome"]);
        log.After("LINUXKIT-ROOT").ShouldBe(["600 101 /run/resolvconf/resolv.conf"]);
        log.After("LINUXKIT-CMDLINE").ShouldHaveSingleItem().ShouldContain("panic=-1 quiet");
    }

    private async Task<string> BuildAsync(string output, CancellationToken ct)
    {
        var image = Directory.CreateDirectory(_folder["images/kit"]).FullName;
        await new LinuxKitContainers(image).MakeAsync(ct);
        await File.WriteAllTextAsync(Path.Combine(image, "system.yml"), System, ct);
        await File.WriteAllTextAsync(Path.Combine(image, "image.yaml"), $"description: kit\nsource: linuxkit:system.yml\nboards: [uefi-x86_64]\noutputs: [{output}]\n", ct);
        var start = new ProcessStartInfo(PipelineProcess.Dotnet, [PipelineProcess.Dll, "build", "-o", _folder["out"], "--cache", _folder["cache"]]) { WorkingDirectory = _folder.Path };
        var built = await Task.Run(() => PipelineProcess.Run(start), ct);
        built.ExitCode.ShouldBe(0, built.Output);
        return _folder["out/kit"];
    }

    public void Dispose() => _folder.Dispose();
}
