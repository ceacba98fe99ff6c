using System.Diagnostics;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Cli.Verbs;

/// <summary><c>build --as</c> live kinds, and <c>serve</c> of what they leave.</summary>
public sealed class LiveVerbsTests : IDisposable
{
    private readonly TempDir _temp = new();
    private readonly PipelineCommand _pipeline;

    public LiveVerbsTests()
    {
        _pipeline = new(_temp.Path);
        Lay("usr/lib/modules/6.1/vmlinuz", "kernel"u8.ToArray());
        Lay("usr/lib/modules/6.1/initramfs.img", Initrds.Packed("gzip -n", Initrds.Cpio([.. Initrds.DracutLive, "usr/sbin/livenetroot"])));
        Lay("boot/efi/EFI/BOOT/BOOTX64.EFI", "loader"u8.ToArray());
        Tool.Require("tar", "-cf", _temp["root.tar"], "-C", _temp["root"], ".");
    }

    [Fact]
    public void A_source_becomes_a_live_disk()
    {
        Build("live", "stick.img.zst").Stdout.ShouldContain("stick.img.zst");
        Tool.Require("zstd", "-dq", _temp["stick.img.zst"]);
        Tool.Require("sgdisk", "-i", "1", _temp["stick.img"]).ShouldContain("Partition name: 'C2BOOT'");
    }

    [Fact]
    public void The_files_of_a_stick_come_as_a_directory_or_as_a_tar()
    {
        Build("esp", "stick");
        File.ReadAllText(_temp["stick/EFI/BOOT/BOOTX64.EFI"]).ShouldBe("loader");
        Build("esp", "stick.tar");
        Tool.Require("tar", "-xOf", _temp["stick.tar"], "EFI/BOOT/grub.cfg").ShouldBe(File.ReadAllText(_temp["stick/EFI/BOOT/grub.cfg"]));
        _pipeline.Run("build", "--from", "tar:root.tar", "--board", "pc-x86_64", "--as", "esp", "-o", "stick").ExitCode.ShouldBe(2, "it is not empty");
    }

    [Fact]
    public async Task What_boots_over_the_network_is_served_until_somebody_stops_it()
    {
        var ct = TestContext.Current.CancellationToken;
        Build("netboot", "net");
        Directory.EnumerateFiles(_temp["net"]).Select(Path.GetFileName).Order(StringComparer.Ordinal)
            .ShouldBe(["image-pc-x86_64.cmdline", "image-pc-x86_64.initrd.img", "image-pc-x86_64.ipxe", "image-pc-x86_64.squashfs", "image-pc-x86_64.vmlinuz"]);
        _pipeline.Run("serve", "net").Output.ShouldContain("PL6401");
        File.WriteAllText(_temp["net/SHA256SUMS"], Tool.Run(new ProcessStartInfo("bash", ["-c", "sha256sum --binary *.vmlinuz *.ipxe"]) { WorkingDirectory = _temp["net"] }).Stdout);

        using var served = await ServedRelease.StartAsync(_temp["net"], ct);
        Tool.Require("curl", "-sS", "-f", served.Address + "image-pc-x86_64.vmlinuz").ShouldBe("kernel");
        Tool.Require("curl", "-sS", "-f", served.Address + "boot.ipxe").ShouldContain($"set base-url {served.Address}\n");
        Tool.Run("curl", "-sS", "-f", served.Address + "image-pc-x86_64.squashfs").ExitCode.ShouldBe(22, "the release does not list it");

        (await served.StopAsync(ct)).ShouldBe(0);
        (await served.Log).ShouldContain("127.0.0.1 GET /image-pc-x86_64.vmlinuz 200 6 B");
    }

    [Theory]
    [InlineData("--listen 1.2.3.4", 2, "expected ADDRESS:PORT")]
    [InlineData("--listen localhost:1", 2, "expected ADDRESS:PORT")]
    [InlineData("--dir root", 2, "name a release, or a directory with --dir")]
    [InlineData("--listen 203.0.113.1:9", 3, "PL6404")]
    public void What_cannot_be_served_is_refused(string options, int exitCode, string complaint)
    {
        File.WriteAllText(_temp["SHA256SUMS"], "");

        var result = _pipeline.Run(["serve", ".", .. options.Split(' ')]);

        (result.ExitCode, result.Output.Contains(complaint, StringComparison.Ordinal)).ShouldBe((exitCode, true), result.Output);
    }

    public void Dispose() => _temp.Dispose();

    private ToolResult Build(string kind, string output)
    {
        var built = _pipeline.Run("build", "--from", "tar:root.tar", "--board", "pc-x86_64", "--as", kind, "-o", output);
        built.ExitCode.ShouldBe(0, built.Output);
        return built;
    }

    private void Lay(string path, byte[] content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_temp["root/" + path])!);
        File.WriteAllBytes(_temp["root/" + path], content);
    }
}
