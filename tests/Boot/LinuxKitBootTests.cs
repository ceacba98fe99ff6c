using System.Diagnostics;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Boot;

/// <summary>A system of LinuxKit's format comes up, and its containers run as our files for the runtime say.</summary>
public sealed class LinuxKitBootTests(LinuxKitBootTests.Release release) : IClassFixture<LinuxKitBootTests.Release>
{
    private const string System = """
        kernel:
          image: oci:layout:kernel
          cmdline: "console=ttyS0 no_timer_check panic=-1 quiet root=/dev/vda rootfstype=squashfs ro"
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

    /// <summary>
    /// The board's own disk; LinuxKit's raw-efi; one ISO in the drive of both kinds of machine; kernel and initrd handed to the
    /// machine; and a root that the kernel mounts, whose drivers Debian's kernel takes from the initrd of images/debian-minimal.
    /// </summary>
    [Theory]
    [InlineData("kit-uefi-x86_64.img", BootMachine.X86Uefi, "tmpfs")]
    [InlineData("kit-uefi-x86_64.live.img", BootMachine.X86Uefi, "tmpfs")]
    [InlineData("kit-uefi-x86_64.iso", BootMachine.X86UefiCd, "tmpfs")]
    [InlineData("kit-uefi-x86_64.iso", BootMachine.X86BiosCd, "tmpfs")]
    [InlineData("kit-uefi-x86_64", BootMachine.X86Kernel, "tmpfs")]
    [InlineData("kit-uefi-x86_64-squashfs", BootMachine.X86Kernel, "squashfs")]
    public async Task Containers_run_as_their_settings_say(string file, BootMachine machine, string root)
    {
        var ct = TestContext.Current.CancellationToken;

        var log = (await QemuMachine.BootAsync(machine, Path.Combine(await release.FolderAsync(ct), file), ct)).ShouldHaveBooted();

        log.After("LINUXKIT-SAYS").ShouldBe(
        [
            "first 0:0 0000000000000020 77", "first-wrote",
            "second 101:7 0000000000000000 33 inside kept hello", "second-readonly", "second-volume-readonly", "second-own-root",
            "default /srv hello",
        ], log.Serial);
        log.After("LINUXKIT-ENDED").ShouldBe(["000-first 0", "001-second 0", "002-broken 1", "plain 0"], log.Serial);
        log.After("LINUXKIT-MOTD").ShouldBe(["welcome"]);
        log.After("LINUXKIT-ROOT").ShouldBe([$"600 101 /run/resolvconf/resolv.conf {root}"]);
        log.After("LINUXKIT-CMDLINE").ShouldHaveSingleItem().ShouldContain("panic=-1 quiet");
    }

    /// <summary>All that is made of one system, by one build.</summary>
    public sealed class Release : IDisposable
    {
        private readonly TempDir _folder = new();
        private bool _isBuilt;

        /// <summary>Where its files lie. The tests of a class come one after the other.</summary>
        public async Task<string> FolderAsync(CancellationToken ct)
        {
            var files = _folder["out/kit"];
            if (_isBuilt)
                return files;
            var image = Directory.CreateDirectory(_folder["images/kit"]).FullName;
            await new LinuxKitContainers(image).MakeAsync(ct);
            await File.WriteAllTextAsync(Path.Combine(image, "system.yml"), System, ct);
            await File.WriteAllTextAsync(Path.Combine(image, "image.yaml"), "description: kit\nsource: linuxkit:system.yml\nboards: [uefi-x86_64]\noutputs: [disk, raw-efi, iso-efi, kernel+initrd, kernel+squashfs]\n", ct);
            var start = new ProcessStartInfo(PipelineProcess.Dotnet, [PipelineProcess.Dll, "build", "-o", _folder["out"], "--cache", _folder["cache"]]) { WorkingDirectory = _folder.Path };
            var built = await Task.Run(() => PipelineProcess.Run(start), ct);
            built.ExitCode.ShouldBe(0, built.Output);
            await File.WriteAllBytesAsync(Path.Combine(files, "kit-uefi-x86_64-squashfs-initrd.img"), await DebianMinimal.InitrdAsync("linux/amd64", ct), ct);
            _isBuilt = true;
            return files;
        }

        public void Dispose() => _folder.Dispose();
    }
}
