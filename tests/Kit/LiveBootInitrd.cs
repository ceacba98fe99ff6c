using System.Diagnostics;
using System.Text;
using Pipeline.Core.Units;
using Shouldly;

namespace Pipeline.Kit;

/// <summary>
/// An initrd that Debian's initramfs-tools makes with live-boot, for the kernel of <see cref="LiveContainers"/> (amd64). Its
/// scripts come from packages that are unpacked and not installed, its programs from this machine.
/// </summary>
public static class LiveBootInitrd
{
    private const string Script = "live-boot-initrd.sh";
    private static readonly MadeFiles Made = new("live-boot");

    private static readonly DebianPackages Packages = new(
        "bookworm", "amd64", "initramfs-tools-core", "live-boot", "live-boot-initramfs-tools", "klibc-utils", "libklibc", "busybox-static", "udev");

    /// <param name="container">The tar of <see cref="LiveContainers"/>.</param>
    /// <returns>Path of the initrd.</returns>
    public static Task<string> MakeAsync(string container, CancellationToken ct)
    {
        var script = Path.Combine(DebianMinimal.Repository, "tests/Kit", Script);
        var key = Digest.Sha256([.. File.ReadAllBytes(script), .. Encoding.UTF8.GetBytes(Path.GetFileName(container))]).Short;
        return Made.GetAsync($"{key}.img", path =>
        {
            var run = Tool.Run(new ProcessStartInfo(script, [Packages.Folder, container, path]));
            run.ExitCode.ShouldBe(0, run.Output);
        }, ct);
    }
}
