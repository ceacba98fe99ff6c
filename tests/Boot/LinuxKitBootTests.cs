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

    [Fact]
    public async Task Containers_run_as_their_settings_say()
    {
        var ct = TestContext.Current.CancellationToken;
        var image = await BuildAsync("uefi-x86_64", ct);

        var log = (await QemuMachine.BootAsync(BootMachine.X86Uefi, image, ct)).ShouldHaveBooted();

        log.After("LINUXKIT-SAYS").ShouldBe(
        [
            "first 0:0 0000000000000020 77", "first-wrote",
            "second 101:7 0000000000000000 33 inside kept hello", "second-readonly", "second-volume-readonly", "second-own-root",
            "default /srv hello",
        ], log.Serial);
        log.After("LINUXKIT-ENDED").ShouldBe(["000-first 0", "001-second 0", "plain 0"], log.Serial);
        log.After("LINUXKIT-MOTD").ShouldBe(["welcome"]);
        log.After("LINUXKIT-ROOT").ShouldBe(["600 101 /run/resolvconf/resolv.conf"]);
        log.After("LINUXKIT-CMDLINE").ShouldHaveSingleItem().ShouldContain("panic=-1 quiet");
    }

    private async Task<string> BuildAsync(string board, CancellationToken ct)
    {
        await new LinuxKitContainers(_folder.Path).MakeAsync(ct);
        await File.WriteAllTextAsync(_folder["system.yml"], System, ct);
        var image = _folder["system.img"];
        var start = new ProcessStartInfo(
            PipelineProcess.Dotnet, [PipelineProcess.Dll, "build", "--from", "linuxkit:system.yml", "--board", board, "-o", image, "--cache", _folder["cache"]]) { WorkingDirectory = _folder.Path };
        var built = await Task.Run(() => PipelineProcess.Run(start), ct);
        built.ExitCode.ShouldBe(0, built.Output);
        return image;
    }

    public void Dispose() => _folder.Dispose();
}
